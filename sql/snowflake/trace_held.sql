-- The rows in quarantine whose text names an event.
-- Safe to repeat: reads only.
-- Fragments: quarantine
-- Parameters: event
SELECT id FROM {{ quarantine }} WHERE contains(raw, :event) AND state <> 'undone';
