-- Compare the duplicates of one event type and shape with the row that the table now holds: of equal
-- content, or not.
-- What was found is gathered first, as in merge_equal.
-- Safe to repeat: writes only to a temporary table.
-- Fragments: table, rows, table_columns, different_field, otherwise
-- Parameters: type_no, part
UPDATE staged_duplicates
SET
    fate = CASE WHEN judged.field IS NULL THEN 'identical' ELSE {{ otherwise }} END,
    field = judged.field
FROM (
    WITH found AS MATERIALIZED (
        SELECT r._seq, {{ different_field }} AS field
        FROM ({{ rows }}) AS r
        INNER JOIN (
            SELECT seq FROM staged_duplicates WHERE type_no = :type_no AND seq >> 40 = :part AND fate IS NULL
        ) AS d ON r._seq = d.seq
        INNER JOIN (SELECT {{ table_columns }} FROM {{ table }} AS t) AS t ON r._key = t."_key"
    )

    SELECT * FROM found
) AS judged
WHERE staged_duplicates.seq = judged._seq;
