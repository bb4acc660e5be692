-- The rows that one event table has of drops.
-- Safe to repeat: reads only.
-- Fragments: table, columns
-- Parameters: drop_id
SELECT {{ columns }}
FROM {{ table }}
WHERE "_DROP_ID" IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
