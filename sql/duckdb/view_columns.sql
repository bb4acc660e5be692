-- The event tables with their columns: all tables of the schema that have a key.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: schema
SELECT table_name, list(column_name ORDER BY column_index)
FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = :schema AND NOT internal
GROUP BY table_name
HAVING bool_or(column_name = '_key') AND table_name <> 'events'
ORDER BY table_name;
