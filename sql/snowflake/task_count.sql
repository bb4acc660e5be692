-- How many drops are not left to a run.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT count(*) FROM task_drops WHERE why IS NULL;
