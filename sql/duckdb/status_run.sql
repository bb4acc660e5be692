-- The last run.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT run_id, status, finished_at FROM {{ table }} ORDER BY finished_at DESC LIMIT 1;
