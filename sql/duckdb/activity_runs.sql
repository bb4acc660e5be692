-- The last runs, the latest first.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: at_most
SELECT run_id, started_at, finished_at, status, exit_code, loader_version, summary, costs
FROM {{ table }}
ORDER BY finished_at DESC, run_id DESC
LIMIT :at_most;
