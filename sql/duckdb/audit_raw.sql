-- What is set aside with another text than the file has, or is said to be unreadable and is not. The text
-- of a row that was given up is gone; a drop that is too large may never have been read.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT
    'set_aside', drop_id, row_no, what,
    CASE what WHEN 'raw' THEN file_hash ELSE coalesce(file_reason, 'none') END,
    CASE what WHEN 'raw' THEN raw_hash ELSE reason END
FROM (
    SELECT a.*, f.reason AS file_reason, CASE a.state WHEN 'removed' THEN md5('') ELSE f.raw_hash END AS file_hash
    FROM audit_accounts AS a
    INNER JOIN audit_texts AS f ON a.drop_id = f.drop_id AND a.row_no IS NOT DISTINCT FROM f.row_no
    WHERE a.place = 'quarantine'
) AS held
CROSS JOIN (SELECT unnest(['raw', 'reason']) AS what) AS parts
WHERE
    CASE what
        WHEN 'raw' THEN raw_hash <> file_hash AND NOT (reason = 'too_large' AND raw_hash = md5(''))
        ELSE schema_version IS NULL AND row_no IS NOT NULL AND reason IS DISTINCT FROM file_reason
    END;
