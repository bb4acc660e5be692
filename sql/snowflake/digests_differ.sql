-- Which drops have rows in one table that are not what the loader wrote: their number as written and as found,
-- and whether the digest can be told at all.
-- Safe to repeat: reads only.
-- Fragments: digests, table, digest
-- Parameters: drop_id, table_name
SELECT n.drop_id, n.row_count, coalesce(f.row_count, 0), n.known
FROM (
    SELECT
        drop_id,
        sum(row_count) AS row_count,
        bitxor_agg(digest) AS digest,
        booland_agg(witness = hash(
            'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
            '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
        )) AS known
    FROM {{ digests }}
    WHERE
        table_name = :table_name
        AND drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l)
    GROUP BY drop_id
) AS n
LEFT JOIN (
    SELECT t."_DROP_ID" AS drop_id, count(*) AS row_count, bitxor_agg({{ digest }}) AS digest
    FROM {{ table }} AS t
    WHERE t."_DROP_ID" IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l)
    GROUP BY t."_DROP_ID"
) AS f ON n.drop_id = f.drop_id
WHERE n.digest <> coalesce(f.digest, 0) OR n.row_count <> coalesce(f.row_count, 0)
ORDER BY n.drop_id;
