-- Note what became of drops at their source.
-- Safe to repeat: a drop that is in there stays as it was noted first.
-- Fragments: archive
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
WHERE n.drop_id NOT IN (SELECT drop_id FROM {{ archive }});
