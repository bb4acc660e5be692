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
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ archive }} AS a
    LEFT JOIN {{ drops }} AS d ON a.drop_id = d.drop_id
    WHERE a.drop_id = n.drop_id AND a.done_at >= coalesce(d.finished_at, a.done_at)
);
