-- How many rows of each drop have a value in fields that no schema version knows.
-- Safe to repeat: reads only.
-- Fragments: rows, more_counts
-- Parameters: type_no
SELECT r.drop_no {{ more_counts }}
FROM {{ rows }} AS r
WHERE r.type_no = :type_no
GROUP BY r.drop_no;
