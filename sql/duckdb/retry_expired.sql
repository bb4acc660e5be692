-- Note the held rows of a batch that turn out to be too old.
-- Safe to repeat: within the transaction that removes them.
-- Fragments: quarantine
-- Parameters: drop_no, drop_id
INSERT INTO leaving_rows (drop_id, row_no, fate, held_id)
SELECT q.drop_id, q.row_no, CASE WHEN q.reason = 'conflict' THEN 'conflicting' ELSE 'quarantined' END, q.id
FROM staged_faults AS f
INNER JOIN (
    SELECT
        unnest(:drop_no::INTEGER[]) AS drop_no,
        unnest(:drop_id::VARCHAR[]) AS drop_id
) AS n ON f.drop_no = n.drop_no
INNER JOIN {{ quarantine }} AS q ON n.drop_id = q.drop_id AND f.row_no = q.row_no AND q.state = 'held'
WHERE f.reason = 'expired';
