-- Note on duplicates that the event is in its table, where that is not of this engine.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: table_name, event_key
UPDATE audit_accounts
SET event_there = true
WHERE
    place = 'duplicate'
    AND table_name = :table_name
    AND event_key IN (SELECT unnest(:event_key::VARCHAR[])::UUID);
