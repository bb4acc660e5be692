-- How many rows of each drop hold something that was hashed with one of some keys.
-- Safe to repeat: reads only.
-- Fragments: table, drop_id, text
-- Parameters: key_ids
SELECT t.drop_id, count(*)
FROM (SELECT {{ drop_id }} AS drop_id, {{ text }} AS text FROM {{ table }} AS r) AS t
WHERE list_has_any(regexp_extract_all(t.text, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1), :key_ids::VARCHAR[])
GROUP BY t.drop_id;
