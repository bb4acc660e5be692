-- Have the rows of a new event table lie together by day.
-- Safe to repeat: the same setting again.
-- Fragments: table, event_time
-- Parameters: none
ALTER TABLE {{ table }} CLUSTER BY (to_date({{ event_time }}));
