-- The rows that could not be loaded.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT drop_no, row_no, type_no, reason, field, message FROM staged_faults;
