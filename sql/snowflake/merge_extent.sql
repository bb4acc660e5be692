-- The earliest and the latest event time of staged rows.
-- Safe to repeat: reads only.
-- Fragments: rows, event_time
-- Parameters: none
SELECT min({{ event_time }}), max({{ event_time }}) FROM ({{ rows }}) AS r;
