-- The rows that one event table has of drops, as accounts.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: table_name, drop_id
SELECT
    "_DROP_ID", "_ROW", 'table', :table_name, "_KEY", NULL, NULL, NULL, "_SCHEMA_VERSION",
    NULL, NULL, NULL, NULL, NULL
FROM {{ table }}
WHERE "_DROP_ID" IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
