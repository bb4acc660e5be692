-- Up to when events were removed as too old, by source and event type.
-- Safe to repeat: reads only.
-- Fragments: retention
-- Parameters: none
SELECT source, event_type, kept_from FROM {{ retention }} ORDER BY source, event_type;
