-- The rows of one event table that are an event, by its id or by its key.
-- Safe to repeat: reads only.
-- Fragments: table, event_id
-- Parameters: event, event_key
SELECT "_drop_id", "_row", "_schema_version", "_loaded_at", "_key"::VARCHAR
FROM {{ table }}
WHERE "_key" = :event_key::UUID OR {{ event_id }} = :event::VARCHAR;
