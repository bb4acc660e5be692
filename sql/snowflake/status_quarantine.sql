-- What is set aside, by reason.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT reason, count(*) FROM {{ table }} GROUP BY reason ORDER BY reason;
