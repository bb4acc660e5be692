-- Hold a listing against the ledger, all of it at once, oldest drop first.
-- The ledger is narrowed to what is listed first: memory follows the shorter of the two.
-- Safe to repeat: fills a temporary table that is new.
-- Fragments: ranked, listed, drops
-- Parameters: source
INSERT INTO {{ ranked }}
WITH distinct_drops AS (
    SELECT drop_id, key, version, size_bytes, modified
    FROM {{ listed }}
    QUALIFY row_number() OVER (PARTITION BY drop_id ORDER BY modified, key) = 1
),

same_drop AS (
    SELECT d.drop_id, d.state, d.first_seen_at, d.finished_at, d.rows_parsed, d.attempts, d.message
    FROM {{ drops }} AS d
    INNER JOIN distinct_drops AS l ON d.drop_id = l.drop_id
    WHERE d.source = :source
),

same_key AS (
    SELECT DISTINCT key
    FROM {{ drops }}
    WHERE source = :source AND state <> 'held'
)

SELECT
    row_number() OVER (ORDER BY l.modified, l.key, l.drop_id) - 1 AS place,
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
    coalesce(m.state, 'held') = 'held' AND k.key IS NOT NULL AS earlier
FROM distinct_drops AS l
LEFT JOIN same_drop AS m ON l.drop_id = m.drop_id
LEFT JOIN same_key AS k ON l.key = k.key;
