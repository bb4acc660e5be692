-- Where the rows of each file stand in a shape. They are contiguous, in the order of the file.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT _file, min(rowid), max(rowid), count(*) FROM {{ table }} GROUP BY _file;
