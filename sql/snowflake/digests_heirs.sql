-- Note what the rows of one table say that were handed over to other drops.
-- Safe to repeat: within the transaction that hands them over.
-- Fragments: digests, table, digest
-- Parameters: table_name
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
WHERE t."_KEY" IN (SELECT h.event_key FROM undo_heirs AS h)
GROUP BY t."_DROP_ID";
