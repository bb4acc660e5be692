-- Where the rows of each file stand. They are contiguous, in the order of the file.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT _file, min(rowid), max(rowid), count(*), count(_row) FROM staged_text GROUP BY _file;
