-- The drops that have more rows than a limit allows.
-- Safe to repeat: reads only.
-- Fragments: table, most
-- Parameters: none
SELECT r.drop_no FROM {{ table }} AS r GROUP BY r.drop_no HAVING count(*) > {{ most }};
