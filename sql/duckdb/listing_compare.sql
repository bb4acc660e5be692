-- Hold the listing against the ledger, all of it at once, oldest drop first.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: source, new_only
WITH mine AS (
    SELECT drop_id, key, state, finished_at, rows_parsed, attempts, message
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
    m.finished_at,
    coalesce(m.rows_parsed, 0),
    coalesce(m.attempts, 0),
    m.message,
    m.drop_id IS NULL AND l.key IN (SELECT key FROM mine)
FROM listed AS l
LEFT JOIN mine AS m ON l.drop_id = m.drop_id
WHERE NOT :new_only OR m.state IS NULL OR m.state = 'failed'
ORDER BY l.modified, l.key, l.drop_id;
