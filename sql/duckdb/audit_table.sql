-- Note the rows that one event table has of drops.
-- Safe to repeat: touches only a temporary table.
-- Fragments: table
-- Parameters: table_name, drop_id
INSERT INTO audit_accounts (drop_id, row_no, place, table_name, event_key, schema_version)
SELECT "_drop_id", "_row", 'table', :table_name, "_key", "_schema_version"
FROM {{ table }}
WHERE "_drop_id" IN (SELECT unnest(:drop_id::VARCHAR[]));
