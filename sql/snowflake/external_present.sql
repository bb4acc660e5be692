-- How many rows of each event type the drops have that are loaded together.
-- Safe to repeat: reads only.
-- Fragments: table, type_no
-- Parameters: first, last
SELECT r.drop_no, {{ type_no }} AS type_no, count(*) AS row_count
FROM {{ table }} AS r
WHERE r.drop_no BETWEEN :first AND :last
GROUP BY 1, 2;
