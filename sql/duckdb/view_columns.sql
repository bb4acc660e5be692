-- The tables and views of the schema with their columns, in order.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: schema
SELECT table_name, column_name
FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = :schema AND NOT internal
ORDER BY table_name, column_index;
