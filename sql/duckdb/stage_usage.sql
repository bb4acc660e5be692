-- How many rows of each event type have a value in each field, how many of these are JSON objects or
-- arrays, and the first drop that has one.
-- Safe to repeat: reads only.
-- Fragments: more_counts
-- Parameters: none
SELECT type_no {{ more_counts }} FROM staged_rows GROUP BY type_no;
