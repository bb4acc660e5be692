-- The files that COPY put into one table whole, each by its last load, within a year; the last hours may be missing.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: database, schema, table_name
SELECT stage_location, file_name, file_size, last_load_time::TIMESTAMP_NTZ AS loaded_at
FROM snowflake.account_usage.copy_history
WHERE
    table_catalog_name = :database
    AND table_schema_name = :schema
    AND table_name = :table_name
    AND lower(status) = 'loaded'
QUALIFY row_number() OVER (PARTITION BY stage_location, file_name ORDER BY last_load_time DESC) = 1;
