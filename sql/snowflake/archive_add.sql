-- Note what became of drops at their source.
-- Rows: drop_id, action, moved_to
-- Safe to repeat: what was noted of a drop since it was loaded stays as it was noted first.
-- Fragments: drops, archive
-- Parameters: rows, source, run_id, now
INSERT INTO {{ archive }}
SELECT
    n.drop_id,
    :source,
    n.action,
    n.moved_to,
    :run_id,
    :now::TIMESTAMP_NTZ
FROM (
    SELECT
        r.value:drop_id::VARCHAR AS drop_id,
        r.value:action::VARCHAR AS action,
        r.value:moved_to::VARCHAR AS moved_to
    FROM table(flatten(INPUT => parse_json(:rows))) AS r
) AS n
LEFT JOIN (
    SELECT a.drop_id
    FROM {{ archive }} AS a
    LEFT JOIN {{ drops }} AS d ON a.drop_id = d.drop_id
    WHERE a.done_at >= coalesce(d.finished_at, a.done_at)
    GROUP BY a.drop_id
) AS noted ON n.drop_id = noted.drop_id
WHERE noted.drop_id IS NULL;
