-- What the table of one event type holds.
-- Safe to repeat: reads only.
-- Fragments: table, event_time
-- Parameters: none
SELECT count(*), min({{ event_time }}), max({{ event_time }}), max("_LOADED_AT") FROM {{ table }};
