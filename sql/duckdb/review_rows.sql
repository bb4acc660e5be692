-- The first rows of an event table, in the order of the drop.
-- Safe to repeat: reads only.
-- Fragments: table, columns
-- Parameters: rows
SELECT {{ columns }} FROM {{ table }} ORDER BY _row LIMIT :rows;
