-- The columns of a table and their types; where none is named, of all that there are.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: schema, table
SELECT table_name, column_name, data_type
FROM duckdb_columns()
WHERE
    database_name = current_database() AND schema_name = :schema
    AND (:table::VARCHAR IS NULL OR table_name = :table)
ORDER BY table_name, column_index;
