-- Forget single duplicates that are merged again.
-- Safe to repeat: within the transaction that does so.
-- Fragments: duplicates
-- Parameters: drop_no, drop_id
DELETE FROM {{ duplicates }}
WHERE (drop_id, row_no) IN (
    SELECT (n.drop_id, k.row_no)
    FROM staged_keys AS k
    INNER JOIN (
        SELECT
            unnest(:drop_no::INTEGER[]) AS drop_no,
            unnest(:drop_id::VARCHAR[]) AS drop_id
    ) AS n ON k.drop_no = n.drop_no
);
