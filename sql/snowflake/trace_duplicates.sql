-- The rows that carried an event which stands elsewhere.
-- Safe to repeat: reads only.
-- Fragments: duplicates
-- Parameters: event_key
SELECT drop_id, row_no, event_type, table_name, fate, field, schema_version
FROM {{ duplicates }}
WHERE event_key IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:event_key))) AS l)
ORDER BY drop_id, row_no;
