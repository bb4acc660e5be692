-- How many threads the engine works with.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT current_setting('threads');
