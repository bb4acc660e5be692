-- Rows that replace the one the table holds: not older, and different in content.
-- Safe to repeat: marks rows in a temporary table; a row that was applied before differs no more.
-- Fragments: table, rows, stamp, different_field
-- Parameters: type_no
UPDATE staged_duplicates
SET fate = 'updated', field = newer.field
FROM (
    SELECT r._seq, {{ different_field }} AS field
    FROM ({{ rows }}) AS r
    INNER JOIN staged_duplicates AS d ON r._seq = d.seq AND NOT d.repeated
    INNER JOIN staged_keys AS k ON r._seq = k.seq
    INNER JOIN {{ table }} AS t ON r._key = t."_key"
    WHERE d.type_no = :type_no AND ({{ stamp }} IS NULL OR k.stamp >= {{ stamp }})
) AS newer
WHERE staged_duplicates.seq = newer._seq AND newer.field IS NOT NULL;
