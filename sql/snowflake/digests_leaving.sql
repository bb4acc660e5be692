-- Take back what was noted of the rows of one table that are removed for good.
-- Safe to repeat: within the transaction that removes them.
-- Fragments: digests, table, digest
-- Parameters: table_name
INSERT INTO {{ digests }}
SELECT
    t."_DROP_ID",
    :table_name,
    -count(*),
    bitxor_agg({{ digest }}),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM {{ table }} AS t
WHERE
    t."_KEY" IN (
        SELECT f.event_key FROM leaving_rows AS f WHERE f.table_name = :table_name AND f.fate = 'inserted'
    )
GROUP BY t."_DROP_ID";
