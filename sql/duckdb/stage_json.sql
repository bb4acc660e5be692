-- Read JSON drops as text, a column per member name. A line that is not an object becomes a row
-- without any value, which marks its file as damaged.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: slots, sources, reader_columns
-- Parameters: first_file, files, format, lenient, max_row_bytes
INSERT INTO staged_text (_file, {{ slots }})
SELECT file_index + :first_file, {{ sources }}
FROM read_json(
    :files,
    columns = {{ reader_columns }},
    format = :format,
    records = 'true',
    ignore_errors = :lenient,
    maximum_object_size = :max_row_bytes
);
