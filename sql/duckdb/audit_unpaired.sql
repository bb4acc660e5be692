-- Conflicts that stand in quarantine or among the duplicates alone.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT
    'conflict',
    coalesce(h.drop_id, d.drop_id) AS drop_id,
    coalesce(h.row_no, d.row_no) AS row_no,
    CASE WHEN h.drop_id IS NULL THEN '_firehose_quarantine' ELSE '_firehose_duplicates' END AS lacking,
    NULL,
    NULL
FROM (
    SELECT drop_id, row_no FROM audit_accounts WHERE reason = 'conflict' AND state <> 'retried'
) AS h
FULL OUTER JOIN (
    SELECT drop_id, row_no FROM audit_accounts WHERE fate = 'conflicting'
) AS d ON h.drop_id = d.drop_id AND h.row_no = d.row_no
WHERE h.drop_id IS NULL OR d.drop_id IS NULL;
