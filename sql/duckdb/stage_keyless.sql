-- The event types that have rows without an event id.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT DISTINCT type_no FROM staged_keys WHERE _key IS NULL;
