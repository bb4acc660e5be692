-- The files of the last read that gave any row.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: first_file, last_file
SELECT DISTINCT _file FROM staged_text WHERE _file BETWEEN :first_file AND :last_file;
