-- How many rows of each drop cannot be loaded.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT drop_no, count(*) FROM staged_faults GROUP BY drop_no;
