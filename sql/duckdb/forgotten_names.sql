-- Identifiers of people in the spelling in which they are hashed, and their hashes with the first of the keys.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: place, pii, text
SELECT n.plain, sha256(k.outer_pad || unhex(sha256(k.inner_pad || encode(n.pii || ':' || n.plain))))
FROM (
    SELECT
        place, pii,
        CASE pii
            WHEN 'email' THEN firehose_plain_email(text)
            WHEN 'phone' THEN firehose_plain_phone(text)
            WHEN 'id' THEN firehose_plain_id(text)
            ELSE text
        END AS plain
    FROM (
        SELECT
            unnest(:place::BIGINT[]) AS place,
            unnest(:pii::VARCHAR[]) AS pii,
            unnest(:text::VARCHAR[]) AS text
    )
) AS n
CROSS JOIN forgotten_keys AS k
WHERE k.key_no = 0
ORDER BY n.place;
