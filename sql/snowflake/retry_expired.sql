-- Note the held rows of a batch that turn out to be too old.
-- Rows: drop_no, drop_id
-- Safe to repeat: within the transaction that removes them.
-- Fragments: quarantine
-- Parameters: rows
INSERT INTO leaving_rows (drop_id, row_no, fate, held_id)
SELECT q.drop_id, q.row_no, CASE WHEN q.reason = 'conflict' THEN 'conflicting' ELSE 'quarantined' END, q.id
FROM staged_faults AS f
INNER JOIN (
    SELECT r.value:drop_no::NUMBER(38, 0) AS drop_no, r.value:drop_id::VARCHAR AS drop_id
    FROM table(flatten(INPUT => parse_json(:rows))) AS r
) AS n ON f.drop_no = n.drop_no
INNER JOIN {{ quarantine }} AS q ON n.drop_id = q.drop_id AND f.row_no = q.row_no AND q.state = 'held'
WHERE f.reason = 'expired';
