-- The rows of drops whose event was there already, as accounts.
-- Safe to repeat: reads only.
-- Fragments: duplicates
-- Parameters: drop_id
SELECT
    drop_id, row_no, 'duplicate', table_name, event_key, fate, false, event_type, schema_version,
    NULL, field, NULL, NULL, NULL
FROM {{ duplicates }}
WHERE drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
