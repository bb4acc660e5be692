-- Rows that replace the one the table holds: newer, and different in content. Of two of one time the later
-- drop's is the newer one, then the later row, in whatever order they are loaded.
-- Rows: drop_no, modified, key
-- Safe to repeat: marks rows in a temporary table; a row that was applied before differs no more.
-- Fragments: table, drops, rows, stamp, different_field
-- Parameters: rows, type_no
UPDATE staged_duplicates
SET fate = 'updated', field = newer.field
FROM (
    SELECT r._seq, {{ different_field }} AS field
    FROM ({{ rows }}) AS r
    INNER JOIN staged_duplicates AS d ON r._seq = d.seq AND NOT d.repeated
    INNER JOIN staged_keys AS k ON r._seq = k.seq
    INNER JOIN {{ table }} AS t ON r._key = t."_KEY"
    INNER JOIN (
        SELECT
            b.value:drop_no::NUMBER(38, 0) AS drop_no,
            b.value:modified::TIMESTAMP_NTZ AS modified,
            b.value:key::VARCHAR AS key
        FROM table(flatten(INPUT => parse_json(:rows))) AS b
    ) AS n ON d.drop_no = n.drop_no
    LEFT JOIN {{ drops }} AS l ON t."_DROP_ID" = l.drop_id
    WHERE
        d.type_no = :type_no
        AND (
            k.stamp > {{ stamp }}
            OR (k.stamp IS NOT NULL AND {{ stamp }} IS NULL)
            OR (
                k.stamp IS NOT DISTINCT FROM {{ stamp }}
                AND (
                    l.drop_id IS NULL
                    OR n.modified > l.modified
                    OR (n.modified = l.modified AND n.key > l.key)
                    OR (n.modified = l.modified AND n.key = l.key AND d.row_no >= t."_ROW")
                )
            )
        )
) AS newer
WHERE staged_duplicates.seq = newer._seq AND newer.field IS NOT NULL;
