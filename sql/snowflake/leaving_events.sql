-- Remove the events that go.
-- Safe to repeat: finds nothing the second time.
-- Fragments: table
-- Parameters: table_name
DELETE FROM {{ table }}
WHERE "_KEY" IN (SELECT f.event_key FROM leaving_rows AS f WHERE f.table_name = :table_name AND f.fate = 'inserted');
