-- Note what the rows of one table say whose event came again and met some fate, before the loader changes them
-- (sign -1) or after it (sign 1).
-- Safe to repeat: within the transaction that changes them.
-- Fragments: digests, table, digest
-- Parameters: table_name, type_no, fate, sign
INSERT INTO {{ digests }}
SELECT
    t."_DROP_ID",
    :table_name,
    :sign * count(*),
    bitxor_agg({{ digest }}),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM {{ table }} AS t
WHERE t."_KEY" IN (SELECT d._key FROM staged_duplicates AS d WHERE d.type_no = :type_no AND d.fate = :fate)
GROUP BY t."_DROP_ID";
