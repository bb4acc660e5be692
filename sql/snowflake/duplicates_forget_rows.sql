-- Forget single duplicates that are merged again.
-- Rows: drop_no, drop_id
-- Safe to repeat: within the transaction that does so.
-- Fragments: duplicates
-- Parameters: rows
DELETE FROM {{ duplicates }} AS t
USING (
    SELECT DISTINCT n.value:drop_id::VARCHAR AS drop_id, k.row_no
    FROM staged_keys AS k
    INNER JOIN table(flatten(INPUT => parse_json(:rows))) AS n ON k.drop_no = n.value:drop_no::NUMBER(38, 0)
) AS again
WHERE t.drop_id = again.drop_id AND t.row_no = again.row_no;
