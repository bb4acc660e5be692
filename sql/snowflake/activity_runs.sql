-- The last runs, the latest first.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: at_most
SELECT run_id, started_at, finished_at, status, exit_code, loader_version, summary, costs
FROM {{ table }}
QUALIFY row_number() OVER (ORDER BY finished_at DESC, run_id DESC) <= :at_most
ORDER BY finished_at DESC, run_id DESC;
