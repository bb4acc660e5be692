-- Let the engine hold so many bytes and no more. What it has of files it can read again, so that goes first.
-- Safe to repeat: a setting of this engine.
-- Fragments: most
-- Parameters: none
SET memory_limit = {{ most }};
