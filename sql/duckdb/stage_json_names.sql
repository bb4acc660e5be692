-- Every member name that occurs in JSON drops, and beside these every one that occurs in the object which
-- one member holds, at one look at each row. "odd" marks that this member holds something else somewhere.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: path, files, format, lenient, max_row_bytes
SELECT DISTINCT
    unnest(json_keys(json)) AS name,
    unnest(inner_names) AS inner_name,
    len(inner_names) = 0 AS odd
FROM (
    SELECT json, json_keys(json, :path) AS inner_names
    FROM read_json_objects(
        :files,
        format = :format,
        ignore_errors = :lenient,
        maximum_object_size = :max_row_bytes
    )
);
