-- Hold the listing against the ledger, all of it at once, oldest drop first.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: source, new_only
WITH mine AS (
    SELECT drop_id, key, state, first_seen_at, finished_at, rows_parsed, attempts, message
    FROM {{ drops }}
    WHERE source = :source
)

SELECT DISTINCT ON (l.modified, l.key, l.drop_id)
    l.drop_id,
    l.key,
    l.version,
    l.size_bytes,
    l.modified,
    m.state,
    m.first_seen_at,
    CASE WHEN m.state <> 'held' THEN m.finished_at END,
    coalesce(m.rows_parsed, 0),
    coalesce(m.attempts, 0),
    m.message,
    coalesce(m.state, 'held') = 'held' AND l.key IN (SELECT key FROM mine WHERE state <> 'held')
FROM listed AS l
LEFT JOIN mine AS m ON l.drop_id = m.drop_id
WHERE NOT :new_only OR m.state IS NULL OR m.state IN ('failed', 'held')
ORDER BY l.modified, l.key, l.drop_id;
