-- Read JSON drops, a field per member. A line that is not an object becomes a row without any value,
-- which marks its file as damaged; one with members that are not read is marked as odd.
-- The members are taken out of each object together: the engine's reader, which could do so by itself,
-- takes half as long again.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: table, more_slots, more_values, more_sources, odd
-- Parameters: first_file, files, format, lenient, max_row_bytes, members, within, usual, names
INSERT INTO {{ table }} (_file, _odd {{ more_slots }})
SELECT file_index + :first_file, odd {{ more_values }}
FROM (
    SELECT file_index, CASE WHEN (keys IS DISTINCT FROM usual) THEN {{ odd }} END AS odd {{ more_sources }}
    FROM (
        SELECT
            file_index,
            json_keys(json, :within) AS keys,
            :names::VARCHAR[][] AS names,
            :usual::VARCHAR[][] AS usual,
            json_extract_string(json, :members) AS texts
        FROM read_json_objects(
            :files,
            format = :format,
            ignore_errors = :lenient,
            maximum_object_size = :max_row_bytes
        )
    )
);
