-- Where drops were archived last.
-- Safe to repeat: reads only.
-- Fragments: archive
-- Parameters: drop_ids
SELECT
    drop_id,
    arg_max(moved_to, done_at) AS moved_to
FROM {{ archive }}
WHERE action = 'archived' AND drop_id IN (SELECT unnest(:drop_ids::VARCHAR[]))
GROUP BY drop_id;
