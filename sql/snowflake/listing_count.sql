-- How many drops a ranked listing has.
-- Safe to repeat: reads only.
-- Fragments: ranked
-- Parameters: none
SELECT count(*) FROM {{ ranked }};
