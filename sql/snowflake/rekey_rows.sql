-- How many rows of each drop hold something that was hashed with one of some keys.
-- Safe to repeat: reads only.
-- Fragments: table, drop_id, text
-- Parameters: key_ids
WITH said AS (
    SELECT {{ drop_id }} AS drop_id, {{ text }} AS text FROM {{ table }} AS r
),

hashed AS (
    SELECT drop_id, regexp_substr_all(text, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1) AS key_ids
    FROM said
)

SELECT drop_id, count(*)
FROM hashed
WHERE arrays_overlap(key_ids, parse_json(:key_ids)::ARRAY)
GROUP BY drop_id;
