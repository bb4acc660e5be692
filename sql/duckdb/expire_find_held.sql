-- Note some of what is set aside, and was delivered too long ago: nobody knows when it happened. Of rows that were
-- retried, or whose drop was taken out, only the text goes.
-- Safe to repeat: within the transaction that removes it.
-- Fragments: quarantine, drops
-- Parameters: most_rows
INSERT INTO leaving_rows (drop_id, row_no, fate, held_id)
SELECT
    q.drop_id,
    q.row_no,
    CASE
        WHEN q.state NOT IN ('held', 'removed') THEN 'noted'
        WHEN q.reason = 'conflict' THEN 'conflicting'
        ELSE 'quarantined'
    END,
    q.id
FROM {{ quarantine }} AS q
INNER JOIN {{ drops }} AS d ON q.drop_id = d.drop_id
LEFT JOIN (SELECT DISTINCT event_type FROM expire_limits) AS n ON q.event_type = n.event_type
INNER JOIN expire_limits AS e ON d.source = e.source AND e.event_type = coalesce(n.event_type, '')
WHERE q.row_no IS NOT NULL AND q.reason <> 'forgotten' AND e.chosen AND d.modified < e.kept_from
LIMIT :most_rows;
