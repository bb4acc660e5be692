-- Every member name that occurs in JSON drops.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: files, format, lenient, max_row_bytes
SELECT DISTINCT unnest(json_keys(json)) AS name
FROM read_json_objects(
    :files,
    format = :format,
    ignore_errors = :lenient,
    maximum_object_size = :max_row_bytes
);
