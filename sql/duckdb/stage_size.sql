-- How many rows a shape has.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT count(*) FROM {{ table }};
