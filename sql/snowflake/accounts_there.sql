-- The events of one table that duplicates of drops are of.
-- Safe to repeat: reads only.
-- Fragments: table, duplicates
-- Parameters: table_name, drop_id
SELECT DISTINCT t."_KEY"
FROM {{ table }} AS t
INNER JOIN {{ duplicates }} AS d ON t."_KEY" = d.event_key AND d.table_name = :table_name
WHERE d.drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
