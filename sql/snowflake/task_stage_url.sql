-- Where the stage leads that was described right before; empty where that is no bucket.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT coalesce(max(rtrim(parse_json(t."property_value")[0]::VARCHAR, '/') || '/'), '')
FROM table(result_scan(last_query_id())) AS t
WHERE t."property" = 'URL';
