-- The tables of a database, to compare a copy with what was copied.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: database
SELECT
    schema_name,
    table_name
FROM duckdb_tables()
WHERE database_name = :database AND NOT internal
ORDER BY schema_name, table_name;
