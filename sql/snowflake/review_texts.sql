-- What the rows of an event table keep in _rescued, for the engine to look into.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT to_json("_RESCUED") FROM {{ table }} WHERE "_RESCUED" IS NOT NULL;
