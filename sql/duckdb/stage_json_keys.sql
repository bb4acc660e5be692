-- The member names of the first row of JSON drops, and those in the object which one member of it holds.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: paths, files, format, lenient, max_row_bytes
SELECT json_keys(json, :paths)
FROM
    read_json_objects(
        :files,
        format = :format,
        ignore_errors = :lenient,
        maximum_object_size = :max_row_bytes
    )
LIMIT 1;
