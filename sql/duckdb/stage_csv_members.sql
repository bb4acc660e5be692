-- Every member name that occurs in the objects which one column of CSV drops holds.
-- Safe to repeat: reads only.
-- Fragments: payload, reader_columns
-- Parameters: files, delimiter, max_line_bytes
SELECT DISTINCT unnest(json_keys(payload)) AS name
FROM (
    SELECT {{ payload }} AS payload
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
        ignore_errors = true
    )
)
WHERE ascii(payload) = 123 AND json_valid(payload);
