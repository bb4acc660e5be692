-- The views of a database, as they are defined.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: database
SELECT
    schema_name,
    view_name,
    sql
FROM duckdb_views()
WHERE database_name = :database AND NOT internal
ORDER BY schema_name, view_name;
