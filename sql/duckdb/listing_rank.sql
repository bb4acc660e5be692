-- Hold a listing against the ledger, all of it at once, oldest drop first.
-- The ledger is narrowed to what is listed first: memory follows the shorter of the two.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: ranked, listed, drops
-- Parameters: source
CREATE OR REPLACE TEMP TABLE {{ ranked }} AS
WITH same_drop AS (
    SELECT drop_id, state, first_seen_at, finished_at, rows_parsed, attempts, message
    FROM {{ drops }}
    WHERE source = :source AND drop_id IN (SELECT drop_id FROM {{ listed }})
),

same_key AS (
    SELECT key
    FROM {{ drops }}
    WHERE source = :source AND state <> 'held' AND key IN (SELECT key FROM {{ listed }})
)

SELECT DISTINCT ON (l.modified, l.key, l.drop_id)
    l.drop_id,
    l.key,
    l.version,
    l.size_bytes,
    l.modified,
    m.state,
    m.first_seen_at,
    CASE WHEN m.state <> 'held' THEN m.finished_at END AS finished_at,
    coalesce(m.rows_parsed, 0) AS rows_parsed,
    coalesce(m.attempts, 0) AS attempts,
    m.message,
    coalesce(m.state, 'held') = 'held' AND l.key IN (SELECT key FROM same_key) AS earlier
FROM {{ listed }} AS l
LEFT JOIN same_drop AS m ON l.drop_id = m.drop_id
ORDER BY l.modified, l.key, l.drop_id;
