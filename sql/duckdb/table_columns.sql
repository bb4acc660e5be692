-- The columns of a table and their types.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: schema, table
SELECT column_name, data_type
FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = :schema AND table_name = :table
ORDER BY column_index;
