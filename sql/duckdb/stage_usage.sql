-- The event types in a shape, and for each of them what is counted of the fields.
-- Safe to repeat: reads only.
-- Fragments: rows, more_counts
-- Parameters: none
SELECT type_no {{ more_counts }} FROM {{ rows }} GROUP BY type_no;
