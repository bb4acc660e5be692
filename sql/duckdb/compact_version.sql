-- The oldest engine that can read the file: the copy is to be read by the same.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT regexp_extract(tags['storage_version'], 'v[0-9]+\.[0-9]+\.[0-9]+')
FROM duckdb_databases()
WHERE database_name = current_database();
