-- Rows that go are duplicates no more.
-- Safe to repeat: within the transaction that removes the rows.
-- Fragments: duplicates
-- Parameters: none
DELETE FROM {{ duplicates }} AS d
USING (SELECT DISTINCT drop_id, row_no FROM leaving_rows WHERE fate NOT IN ('inserted', 'quarantined', 'noted')) AS f
WHERE d.drop_id = f.drop_id AND d.row_no = f.row_no;
