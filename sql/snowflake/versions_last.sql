-- The version of the loader's own tables, which loader made it, and when; nothing where none is noted.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT version, loader_version, since
FROM {{ table }}
ORDER BY version DESC
LIMIT 1;
