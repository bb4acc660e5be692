-- Leave drops to a run, with the reason; the first one that is found counts.
-- Safe to repeat: marks rows of a temporary table.
-- Fragments: why, found
-- Parameters: none
UPDATE task_drops
SET why = {{ why }}
WHERE why IS NULL AND drop_no IN ({{ found }});
