-- Rows whose event stood elsewhere, by source, event type and fate, with one of the drops that had them.
-- Safe to repeat: reads only.
-- Fragments: duplicates, drops
-- Parameters: since, until, source
SELECT d.source, u.event_type, u.fate, u.field, count(*), count(DISTINCT u.drop_id), min(d.key)
FROM {{ duplicates }} AS u
INNER JOIN {{ drops }} AS d ON u.drop_id = d.drop_id
WHERE
    u.fate <> 'replaced'
    AND d.modified >= :since::TIMESTAMP_NTZ
    AND d.modified < :until::TIMESTAMP_NTZ
    AND (:source::VARCHAR IS NULL OR d.source = :source)
GROUP BY d.source, u.event_type, u.fate, u.field
ORDER BY count(*) DESC, d.source ASC, u.event_type ASC, u.fate ASC, coalesce(u.field, '') ASC;
