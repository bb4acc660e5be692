-- Read JSON drops, a field per member. A line that is not an object becomes a row without any value,
-- which marks its file as damaged; one with members that are not read is marked as odd.
-- The members are taken out of each object together: the engine's reader, which could do so by itself,
-- does not tell of others. What is usual stands as a constant, which costs a fraction of a column.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: table, more_slots, more_values, more_sources, odd
-- Parameters: first_file, usual, within, structure, files, format, lenient, max_row_bytes
INSERT INTO {{ table }} (_file, _odd {{ more_slots }})
SELECT file_index + :first_file, odd {{ more_values }}
FROM (
    SELECT
        file_index,
        CASE WHEN (keys IS DISTINCT FROM :usual::VARCHAR[][]) THEN {{ odd }} END AS odd
        {{ more_sources }}
    FROM (
        SELECT
            file_index,
            json,
            json_keys(json, :within) AS keys,
            json_transform(json, :structure) AS members
        FROM read_json_objects(
            :files,
            format = :format,
            ignore_errors = :lenient,
            maximum_object_size = :max_row_bytes
        )
    )
);
