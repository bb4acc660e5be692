-- The duplicates that say something else than the row the table holds.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT drop_no, row_no, type_no, 'conflict', field, 'the same event is there with another ' || field
FROM staged_duplicates
WHERE fate = 'conflicting';
