-- The texts of one field of a shape that may name somebody.
-- Safe to repeat: reads only; used within another statement.
-- Fragments: rows, pii, text, may_name
-- Parameters: none
SELECT n.place, n.pii, n.text
FROM (SELECT r.seq AS place, {{ pii }} AS pii, {{ text }} AS text FROM {{ rows }} AS r) AS n
WHERE n.text IS NOT NULL AND {{ may_name }};
