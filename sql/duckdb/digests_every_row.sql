-- Note what all rows of one table say, before the loader changes them (sign -1) or after it (sign 1).
-- Safe to repeat: within the transaction that changes them.
-- Fragments: digests, table, digest
-- Parameters: table_name, sign
INSERT INTO {{ digests }}
SELECT t."_drop_id", :table_name, :sign * count(*), bit_xor({{ digest }}), firehose_witness()
FROM {{ table }} AS t
GROUP BY t."_drop_id";
