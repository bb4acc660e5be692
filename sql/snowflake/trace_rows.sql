-- The rows of one event table that are an event, by its id or by its key.
-- Safe to repeat: reads only.
-- Fragments: table, event_id
-- Parameters: event, event_key
SELECT "_DROP_ID", "_ROW", "_SCHEMA_VERSION", "_LOADED_AT", "_KEY"
FROM {{ table }}
WHERE "_KEY" = :event_key OR {{ event_id }} = :event;
