-- What became of each row of the drops. A conflict stands among the duplicates and in quarantine, and
-- is told by the first alone; a row that was retried stands where it was loaded.
-- Safe to repeat: replaces a temporary view of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP VIEW audit_fates AS
SELECT
    drop_id,
    row_no,
    place,
    coalesce(table_name, '_firehose_quarantine') AS table_name,
    CASE place
        WHEN 'table' THEN 'inserted'
        WHEN 'duplicate' THEN fate
        WHEN 'expired' THEN 'expired'
        ELSE 'quarantined'
    END AS fate
FROM audit_accounts
WHERE row_no IS NOT NULL AND (place <> 'quarantine' OR (state <> 'retried' AND reason <> 'conflict'));
