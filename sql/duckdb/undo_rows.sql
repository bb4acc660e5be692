-- The events in one table that came from drops which are to be taken out.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table
-- Parameters: drop_id
CREATE OR REPLACE TEMP TABLE undo_rows AS
SELECT "_key" AS event_key, "_drop_id" AS drop_id
FROM {{ table }}
WHERE "_drop_id" IN (SELECT unnest(:drop_id::VARCHAR[]));
