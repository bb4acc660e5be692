-- Find the duplicates of one event type and shape that differ in nothing from the row that the table now
-- holds. Whether the others are of equal content is another question.
-- What was found is gathered first: straight from the join, 6,000 updates took 80 ms instead of 20.
-- Safe to repeat: writes only to a temporary table.
-- Fragments: table, rows, equal
-- Parameters: type_no, part
UPDATE staged_duplicates
SET fate = 'identical'
FROM (
    WITH found AS MATERIALIZED (
        SELECT r._seq
        FROM ({{ rows }}) AS r
        INNER JOIN (
            SELECT seq FROM staged_duplicates WHERE type_no = :type_no AND seq >> 40 = :part AND fate IS NULL
        ) AS d ON r._seq = d.seq
        INNER JOIN {{ table }} AS t ON r._key = t."_key"
        WHERE {{ equal }}
    )

    SELECT * FROM found
) AS same
WHERE staged_duplicates.seq = same._seq;
