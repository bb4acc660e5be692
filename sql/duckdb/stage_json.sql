-- Read JSON drops, a field per member name. A line that is not an object becomes a row without any
-- value, which marks its file as damaged.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: table, more_slots, more_values, more_sources, reader_columns
-- Parameters: first_file, files, format, lenient, max_row_bytes
INSERT INTO {{ table }} (_file {{ more_slots }})
SELECT file_index + :first_file {{ more_values }}
FROM (
    SELECT file_index {{ more_sources }}
    FROM read_json(
        :files,
        columns = {{ reader_columns }},
        format = :format,
        records = 'true',
        ignore_errors = :lenient,
        maximum_object_size = :max_row_bytes
    )
);
