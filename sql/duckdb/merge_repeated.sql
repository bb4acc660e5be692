-- Rows of the batch whose key a preferred row of it has. Keys only: wide rows are never ranked.
-- Safe to repeat: touches only a temporary table.
-- Fragments: preference
-- Parameters: type_nos
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, repeated)
SELECT seq, drop_no, row_no, type_no, _key, true
FROM (
    SELECT
        seq, drop_no, row_no, type_no, _key,
        row_number() OVER (PARTITION BY type_no, _key ORDER BY {{ preference }}) AS place
    FROM staged_keys
    WHERE
        type_no IN (SELECT unnest(:type_nos::INTEGER[]))
        AND _key IN (SELECT _key FROM staged_keys GROUP BY _key HAVING count(*) > 1)
)
WHERE place > 1;
