-- Note what the rows of one table say that were handed over to other drops.
-- Safe to repeat: within the transaction that hands them over.
-- Fragments: digests, table, digest
-- Parameters: table_name
INSERT INTO {{ digests }}
SELECT t."_drop_id", :table_name, count(*), bit_xor({{ digest }}), firehose_witness()
FROM {{ table }} AS t
WHERE t."_key" IN (SELECT h.event_key FROM undo_heirs AS h)
GROUP BY t."_drop_id";
