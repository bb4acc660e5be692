-- The files of the last read of JSON drops that hold a row with members that were not read.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: first_file, last_file
SELECT DISTINCT _file FROM {{ table }} WHERE _file BETWEEN :first_file AND :last_file AND _odd;
