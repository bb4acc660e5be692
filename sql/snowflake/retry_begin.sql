-- The held rows of a batch that today's schemas accept: what each was set aside as, and what it is now.
-- Rows: drop_no, drop_id
-- Safe to repeat: fills a temporary table anew.
-- Fragments: quarantine
-- Parameters: rows
INSERT OVERWRITE INTO retried_rows
SELECT
    q.id, q.drop_id, k.type_no, d.field,
    CASE WHEN q.reason = 'conflict' THEN 'conflicting' ELSE 'quarantined' END AS fate_before,
    CASE WHEN d.seq IS NULL THEN 'inserted' ELSE d.fate END AS fate
FROM staged_keys AS k
INNER JOIN (
    SELECT r.value:drop_no::NUMBER(38, 0) AS drop_no, r.value:drop_id::VARCHAR AS drop_id
    FROM table(flatten(INPUT => parse_json(:rows))) AS r
) AS n ON k.drop_no = n.drop_no
INNER JOIN {{ quarantine }} AS q ON n.drop_id = q.drop_id AND k.row_no = q.row_no AND q.state = 'held'
LEFT JOIN staged_duplicates AS d ON k.seq = d.seq
WHERE q.reason <> 'conflict' OR d.fate IS DISTINCT FROM 'conflicting';
