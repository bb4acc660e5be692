-- Note what became of drops at their source.
-- Safe to repeat: what was noted of a drop since it was loaded stays as it was noted first.
-- Fragments: drops, archive
-- Parameters: drop_id, source, action, moved_to, run_id, now
INSERT INTO {{ archive }}
SELECT
    n.drop_id,
    :source,
    n.action,
    n.moved_to,
    :run_id,
    :now
FROM (
    SELECT
        unnest(:drop_id::VARCHAR[]) AS drop_id,
        unnest(:action::VARCHAR[]) AS action,
        unnest(:moved_to::VARCHAR[]) AS moved_to
) AS n
WHERE n.drop_id NOT IN (
    SELECT a.drop_id
    FROM {{ archive }} AS a
    LEFT JOIN (
        SELECT drop_id, finished_at FROM {{ drops }} WHERE drop_id IN (SELECT unnest(:drop_id::VARCHAR[]))
    ) AS d ON a.drop_id = d.drop_id
    WHERE
        a.drop_id IN (SELECT unnest(:drop_id::VARCHAR[]))
        AND a.done_at >= coalesce(d.finished_at, a.done_at)
);
