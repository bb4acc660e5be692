-- Take back what was noted of the rows of one table that are removed for good.
-- Safe to repeat: within the transaction that removes them.
-- Fragments: digests, table, digest
-- Parameters: table_name
INSERT INTO {{ digests }}
SELECT t."_drop_id", :table_name, -count(*), bit_xor({{ digest }}), firehose_witness()
FROM {{ table }} AS t
WHERE
    t."_key" IN (
        SELECT f.event_key FROM leaving_rows AS f WHERE f.table_name = :table_name AND f.fate = 'inserted'
    )
GROUP BY t."_drop_id";
