-- The files that COPY put into one table whole, each by its last load, as far as Snowflake tells at once: 14 days back.
-- Safe to repeat: reads only.
-- Fragments: table_name
-- Parameters: none
SELECT stage_location, file_name, file_size, last_load_time::TIMESTAMP_NTZ AS loaded_at
FROM
    table(
        information_schema.copy_history(
            TABLE_NAME => {{ table_name }}, START_TIME => dateadd('hour', -335, current_timestamp())
        )
    )
WHERE lower(status) = 'loaded'
QUALIFY row_number() OVER (PARTITION BY stage_location, file_name ORDER BY last_load_time DESC) = 1;
