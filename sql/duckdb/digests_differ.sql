-- Which drops have rows in one table that are not what the loader wrote: their number as written and as found,
-- and whether the digest can be told at all.
-- Safe to repeat: reads only.
-- Fragments: digests, table, digest
-- Parameters: drop_id, table_name
SELECT n.drop_id, n.row_count, coalesce(f.row_count, 0), n.known
FROM (
    SELECT
        drop_id,
        sum(row_count)::BIGINT AS row_count,
        bit_xor(digest) AS digest,
        bool_and(witness = firehose_witness()) AS known
    FROM {{ digests }}
    WHERE table_name = :table_name AND drop_id IN (SELECT unnest(:drop_id::VARCHAR[]))
    GROUP BY drop_id
) AS n
LEFT JOIN (
    SELECT t."_drop_id" AS drop_id, count(*) AS row_count, bit_xor({{ digest }}) AS digest
    FROM {{ table }} AS t
    WHERE t."_drop_id" IN (SELECT unnest(:drop_id::VARCHAR[]))
    GROUP BY t."_drop_id"
) AS f ON n.drop_id = f.drop_id
WHERE n.digest <> coalesce(f.digest, 0) OR n.row_count <> coalesce(f.row_count, 0)
ORDER BY n.drop_id;
