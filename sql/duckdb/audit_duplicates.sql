-- Note the rows of drops whose event was there already.
-- Safe to repeat: touches only a temporary table.
-- Fragments: duplicates
-- Parameters: drop_id
INSERT INTO audit_accounts (
    drop_id, row_no, place, table_name, event_key, fate, event_there, event_type, schema_version, field
)
SELECT drop_id, row_no, 'duplicate', table_name, event_key, fate, false, event_type, schema_version, field
FROM {{ duplicates }}
WHERE drop_id IN (SELECT unnest(:drop_id::VARCHAR[]));
