-- The files of the last read of JSON drops that hold a row without any value.
-- Safe to repeat: reads only.
-- Fragments: table, is_empty
-- Parameters: first_file, last_file
SELECT DISTINCT _file FROM {{ table }} WHERE _file BETWEEN :first_file AND :last_file AND {{ is_empty }};
