-- The last runs, the latest first.
-- Of all runs that ever were, only ids and times are looked at; the rest, long texts, is read of the last ones.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: at_most
WITH lately AS MATERIALIZED (
    SELECT run_id
    FROM {{ table }}
    ORDER BY finished_at DESC, run_id DESC
    LIMIT :at_most
)

SELECT r.run_id, r.started_at, r.finished_at, r.status, r.exit_code, r.loader_version, r.summary, r.costs
FROM {{ table }} AS r
SEMI JOIN lately AS l ON r.run_id = l.run_id
ORDER BY r.finished_at DESC, r.run_id DESC;
