-- Which members the first rows of JSON drops have, and the objects that some of these hold: what most
-- rows have comes first.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: within, files, format, lenient, max_row_bytes, rows
SELECT keys
FROM (
    SELECT json_keys(json, :within) AS keys
    FROM
        read_json_objects(
            :files,
            format = :format,
            ignore_errors = :lenient,
            maximum_object_size = :max_row_bytes
        )
    LIMIT :rows
)
WHERE keys IS NOT NULL
GROUP BY keys
ORDER BY count(*) DESC, keys;
