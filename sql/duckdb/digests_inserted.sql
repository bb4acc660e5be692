-- Note what the rows of one table say that this transaction put in. Their time of loading is its own, by
-- which the engine passes over all that was there before.
-- Safe to repeat: within the transaction that puts them in.
-- Fragments: digests, table, digest
-- Parameters: table_name, now
INSERT INTO {{ digests }}
SELECT t."_drop_id", :table_name, count(*), bit_xor({{ digest }}), firehose_witness()
FROM {{ table }} AS t
WHERE t."_loaded_at" = :now::TIMESTAMP
GROUP BY t."_drop_id";
