-- The event types and shapes that have duplicates which were not compared yet.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT DISTINCT type_no, bitshiftright(seq, 40) FROM staged_duplicates WHERE fate IS NULL;
