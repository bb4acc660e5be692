-- What stands for rows that a drop does not have, and how much there is.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT 'extra', a.drop_id, a.row_no, coalesce(a.table_name, '_firehose_quarantine') AS table_name, NULL, NULL
FROM audit_accounts AS a
INNER JOIN audit_drops AS d ON a.drop_id = d.drop_id
WHERE
    CASE
        WHEN a.row_no IS NULL THEN NOT d.is_whole
        WHEN d.carries_rows THEN a.row_no NOT BETWEEN 1 AND d.rows_there
        ELSE true
    END;
