-- The rows that one event table has of drops, with all columns.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table, columns
-- Parameters: drop_id
CREATE OR REPLACE TEMP TABLE audit_events AS
SELECT {{ columns }}
FROM {{ table }}
WHERE "_drop_id" IN (SELECT unnest(:drop_id::VARCHAR[]));
