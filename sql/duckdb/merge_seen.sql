-- Rows whose key the table holds, and where it does. The hash table is built over the batch, the small
-- side; of the table only the key column is read.
-- Safe to repeat: touches only a temporary table.
-- Fragments: table
-- Parameters: type_no
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, place, repeated)
SELECT k.seq, k.drop_no, k.row_no, k.type_no, k._key, held.place, false
FROM staged_keys AS k
INNER JOIN (
    SELECT t."_key", min(t.rowid) AS place
    FROM {{ table }} AS t
    SEMI JOIN (SELECT _key FROM staged_keys WHERE type_no = :type_no) AS s ON t."_key" = s._key
    GROUP BY t."_key"
) AS held ON k._key = held."_key"
ANTI JOIN staged_duplicates AS d ON k.seq = d.seq
WHERE k.type_no = :type_no;
