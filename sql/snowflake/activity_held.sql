-- Rows, and drops as a whole, that are held in quarantine, by source and event type.
-- Safe to repeat: reads only.
-- Fragments: drops, quarantine
-- Parameters: none
SELECT d.source, coalesce(q.event_type, 'unknown') AS event_type, count(*)
FROM {{ quarantine }} AS q
INNER JOIN {{ drops }} AS d ON q.drop_id = d.drop_id
WHERE q.state = 'held'
GROUP BY d.source, coalesce(q.event_type, 'unknown')
ORDER BY d.source, event_type;
