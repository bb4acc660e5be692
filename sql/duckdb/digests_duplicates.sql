-- Note what the rows of one table say whose event came again and met some fate, before the loader changes them
-- (sign -1) or after it (sign 1).
-- Safe to repeat: within the transaction that changes them.
-- Fragments: digests, table, digest
-- Parameters: table_name, type_no, fate, sign
INSERT INTO {{ digests }}
SELECT t."_drop_id", :table_name, :sign * count(*), bit_xor({{ digest }}), firehose_witness()
FROM {{ table }} AS t
WHERE t."_key" IN (SELECT d._key FROM staged_duplicates AS d WHERE d.type_no = :type_no AND d.fate = :fate)
GROUP BY t."_drop_id";
