-- The rows of one table.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT count(*) FROM {{ table }};
