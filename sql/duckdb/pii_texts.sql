-- Mask single texts, each by its class of personal data, or by its looks; in their order.
-- Safe to repeat: reads only.
-- Fragments: masked
-- Parameters: place, pii, text
SELECT {{ masked }}
FROM (
    SELECT
        unnest(:place::BIGINT[]) AS place,
        unnest(:pii::VARCHAR[]) AS pii,
        unnest(:text::VARCHAR[]) AS text
) AS r
CROSS JOIN pii_key AS k
ORDER BY r.place;
