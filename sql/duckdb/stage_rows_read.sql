-- How many rows each file of the last read gave.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: first_file, last_file
SELECT _file, count(*) FROM {{ table }} WHERE _file BETWEEN :first_file AND :last_file GROUP BY _file;
