-- Events of one table by source and by how long after the event their drop was delivered.
-- Safe to repeat: reads only.
-- Fragments: table, drops, event_time, drop_id, bucket
-- Parameters: since, until, source
SELECT s.source, {{ bucket }} AS bucket, count(*)
FROM (
    SELECT d.source, date_diff('second', t.{{ event_time }}, d.modified) AS seconds
    FROM {{ table }} AS t
    INNER JOIN {{ drops }} AS d ON t.{{ drop_id }} = d.drop_id
    WHERE
        t.{{ event_time }} IS NOT NULL
        AND d.modified >= :since::TIMESTAMP
        AND d.modified < :until::TIMESTAMP
        AND (:source::VARCHAR IS NULL OR d.source = :source)
) AS s
GROUP BY s.source, bucket
ORDER BY s.source, bucket;
