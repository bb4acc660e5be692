-- Note what the rows of one table say that this transaction put in. Their time of loading is its own, by
-- which the engine passes over all that was there before.
-- Safe to repeat: within the transaction that puts them in.
-- Fragments: digests, table, digest
-- Parameters: table_name, now
INSERT INTO {{ digests }}
SELECT
    t."_DROP_ID",
    :table_name,
    count(*),
    bitxor_agg({{ digest }}),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM {{ table }} AS t
WHERE t."_LOADED_AT" = :now::TIMESTAMP_NTZ
GROUP BY t."_DROP_ID";
