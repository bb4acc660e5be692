-- Who works through which source.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT source, holder, run_id, since, expires_at
FROM {{ table }}
ORDER BY source;
