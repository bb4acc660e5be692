-- The last run.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT run_id, status, finished_at
FROM {{ table }}
QUALIFY row_number() OVER (ORDER BY finished_at DESC) = 1;
