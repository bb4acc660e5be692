-- Drops that were loaded some time ago, whole but for people who were forgotten, and are still at their source, some
-- at a time.
-- Safe to repeat: reads only.
-- Fragments: drops, archive, quarantine
-- Parameters: source, loaded_before, after, most
SELECT d.drop_id, d.source, d.key, d.version, d.size_bytes, d.modified
FROM {{ drops }} AS d
LEFT JOIN (
    SELECT drop_id, count(*) AS row_count FROM {{ quarantine }} WHERE reason = 'forgotten' GROUP BY drop_id
) AS f ON d.drop_id = f.drop_id
LEFT JOIN {{ archive }} AS a ON d.drop_id = a.drop_id AND a.done_at >= d.finished_at
WHERE
    d.source = :source
    AND d.state = 'loaded'
    AND d.rows_quarantined = coalesce(f.row_count, 0)
    AND d.finished_at <= :loaded_before::TIMESTAMP_NTZ
    AND d.drop_id > :after
    -- One that left, came back and was loaded again leaves again.
    AND a.drop_id IS NULL
QUALIFY row_number() OVER (ORDER BY d.drop_id) <= :most
ORDER BY d.drop_id;
