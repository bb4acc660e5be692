-- The internal stage through which batches come: files lie there only while one is loaded.
-- Safe to repeat: does nothing where it exists.
-- Fragments: stage
-- Parameters: none
CREATE STAGE IF NOT EXISTS {{ stage }};
