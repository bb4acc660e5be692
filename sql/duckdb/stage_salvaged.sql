-- Read what the strict parser saved of drops with the same fields, with their row numbers.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: table, more_slots, more_values, more_sources, reader_columns
-- Parameters: first_file, files, max_line_bytes
INSERT INTO {{ table }} (_file, _row {{ more_slots }})
SELECT file_index + :first_file, _row {{ more_values }}
FROM (
    SELECT file_index, _row {{ more_sources }}
    FROM read_csv(
        :files,
        columns = {{ reader_columns }},
        header = false,
        auto_detect = false,
        delim = ',',
        quote = '"',
        escape = '"',
        new_line = '\n',
        nullstr = '',
        null_padding = true,
        parallel = false,
        max_line_size = :max_line_bytes
    )
);
