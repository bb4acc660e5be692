-- Where drops were archived last.
-- Safe to repeat: reads only.
-- Fragments: archive
-- Parameters: drop_ids
SELECT
    drop_id,
    max_by(moved_to, done_at) AS moved_to
FROM {{ archive }}
WHERE
    action = 'archived' AND drop_id IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_ids))) AS l
    )
GROUP BY drop_id;
