-- What is held in quarantine, by source, event type, reason and field, with the ids of two examples.
-- Safe to repeat: reads only.
-- Fragments: quarantine, drops
-- Parameters: source
SELECT
    d.source, coalesce(q.event_type, 'unknown') AS event_type, q.reason, q.field,
    count(*), count(DISTINCT q.drop_id), min(q.quarantined_at), max(q.quarantined_at), min(q.id), max(q.id)
FROM {{ quarantine }} AS q
INNER JOIN {{ drops }} AS d ON q.drop_id = d.drop_id
WHERE
    q.state = 'held'
    AND (:source::VARCHAR IS NULL OR d.source = :source)
GROUP BY d.source, coalesce(q.event_type, 'unknown'), q.reason, q.field
ORDER BY count(*) DESC, d.source ASC, event_type ASC, q.reason ASC, coalesce(q.field, '') ASC;
