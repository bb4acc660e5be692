-- Every member name that occurs in JSON drops, and beside these every one that occurs in the object which
-- one member holds, at one look at each row. "odd" marks that this member holds something else somewhere.
-- Rows that have just the names of the first one, which are known, are passed over: mostly these are all.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: paths, known, files, format, lenient, max_row_bytes
SELECT DISTINCT
    unnest(keys[1]) AS name,
    unnest(keys[2]) AS inner_name,
    len(keys[2]) = 0 AS odd
FROM (
    SELECT json_keys(json, :paths) AS keys
    FROM read_json_objects(
        :files,
        format = :format,
        ignore_errors = :lenient,
        maximum_object_size = :max_row_bytes
    )
)
WHERE keys IS DISTINCT FROM :known::VARCHAR[][];
