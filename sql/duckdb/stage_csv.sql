-- Read CSV drops that share one header. The reader binds columns by position, hence one header a
-- statement. A line that is not CSV of that shape is an error, unless it is to be noted. \N is
-- what databases export for NULL. Files that are not divided between threads keep their order.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: table, more_slots, more_values, more_sources, reader_columns, more_options
-- Parameters: first_file, files, delimiter, max_line_bytes, buffer_bytes, divided
INSERT INTO {{ table }} (_file {{ more_slots }})
SELECT file_index + :first_file {{ more_values }}
FROM (
    SELECT file_index {{ more_sources }}
    FROM read_csv(
        :files,
        columns = {{ reader_columns }},
        header = true,
        auto_detect = false,
        delim = :delimiter,
        quote = '"',
        escape = '"',
        nullstr = ['', '\N'],
        max_line_size = :max_line_bytes,
        buffer_size = :buffer_bytes,
        parallel = :divided
        {{ more_options }}
    )
);
