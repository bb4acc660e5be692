-- Find the duplicates of one event type and shape that differ in nothing from the row that the table now
-- holds. Whether the others are of equal content is another question.
-- Safe to repeat: writes only to a temporary table.
-- Fragments: table, rows, equal
-- Parameters: type_no, part
UPDATE staged_duplicates
SET fate = 'identical'
FROM (
    SELECT r._seq
    FROM ({{ rows }}) AS r
    INNER JOIN (
        SELECT seq FROM staged_duplicates WHERE type_no = :type_no AND seq >> 40 = :part AND fate IS NULL
    ) AS d ON r._seq = d.seq
    INNER JOIN {{ table }} AS t ON r._key = t."_key"
    WHERE {{ equal }}
) AS same
WHERE staged_duplicates.seq = same._seq;
