-- Every member name that occurs in the objects which one member of JSON drops holds.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: path, files, format, lenient, max_row_bytes
SELECT DISTINCT unnest(json_keys(payload)) AS name
FROM (
    SELECT json_extract_string(json, :path) AS payload
    FROM read_json_objects(
        :files,
        format = :format,
        ignore_errors = :lenient,
        maximum_object_size = :max_row_bytes
    )
)
WHERE ascii(payload) = 123 AND json_valid(payload);
