-- The event types in a shape; how many rows of each have a value in each field, how many of these
-- are JSON objects or arrays, and the first drop that has one.
-- Safe to repeat: reads only.
-- Fragments: rows, more_counts
-- Parameters: none
SELECT type_no {{ more_counts }} FROM {{ rows }} GROUP BY type_no;
