-- Rows that go are duplicates no more.
-- Safe to repeat: within the transaction that removes the rows.
-- Fragments: duplicates
-- Parameters: none
DELETE FROM {{ duplicates }}
WHERE (drop_id, row_no) IN (
    SELECT (f.drop_id, f.row_no)
    FROM leaving_rows AS f
    WHERE f.fate NOT IN ('inserted', 'quarantined', 'noted')
);
