-- Drops that were loaded some time ago, whole but for people who were forgotten, and are still at their source, some
-- at a time.
-- Of all drops that ever were, only ids and times are looked at; the rest is read of the few that are still there.
-- Safe to repeat: reads only.
-- Fragments: drops, archive, quarantine
-- Parameters: source, loaded_before, after, most
WITH still_there AS MATERIALIZED (
    SELECT d.drop_id
    FROM {{ drops }} AS d
    -- One that left, came back and was loaded again leaves again.
    ANTI JOIN {{ archive }} AS a ON d.drop_id = a.drop_id AND d.finished_at <= a.done_at
    WHERE
        d.source = :source
        AND d.state = 'loaded'
        AND d.finished_at <= :loaded_before
        AND d.drop_id > :after
)

SELECT d.drop_id, d.source, d.key, d.version, d.size_bytes, d.modified
FROM {{ drops }} AS d
SEMI JOIN still_there AS s ON d.drop_id = s.drop_id
LEFT JOIN (
    SELECT drop_id, count(*) AS row_count FROM {{ quarantine }} WHERE reason = 'forgotten' GROUP BY drop_id
) AS f ON d.drop_id = f.drop_id
WHERE d.rows_quarantined = coalesce(f.row_count, 0)
ORDER BY d.drop_id
LIMIT :most;
