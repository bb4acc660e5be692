-- How many rows carried each of the events that go, beside the rows that brought them.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT table_name, event_key::VARCHAR, count(*)
FROM leaving_rows
WHERE fate IN ('identical', 'superseded', 'replaced')
GROUP BY table_name, event_key;
