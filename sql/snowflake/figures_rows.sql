-- Drops and their rows by source and hour of delivery, with what became of the rows.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: since, until, source
SELECT
    d.source,
    date_trunc('hour', d.modified) AS delivered_hour,
    count(*),
    coalesce(sum(d.rows_parsed), 0),
    coalesce(sum(d.rows_inserted), 0),
    coalesce(sum(d.rows_updated), 0),
    coalesce(sum(d.rows_identical), 0),
    coalesce(sum(d.rows_superseded), 0),
    coalesce(sum(d.rows_conflicting), 0),
    coalesce(sum(d.rows_quarantined), 0),
    coalesce(sum(d.rows_expired), 0)
FROM {{ drops }} AS d
WHERE
    d.modified >= :since::TIMESTAMP_NTZ
    AND d.modified < :until::TIMESTAMP_NTZ
    AND (:source::VARCHAR IS NULL OR d.source = :source)
    AND d.state <> 'held'
GROUP BY d.source, date_trunc('hour', d.modified)
ORDER BY d.source, delivered_hour;
