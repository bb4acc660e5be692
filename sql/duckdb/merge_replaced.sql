-- Rows that replace the one the table holds: newer, and different in content. Of two of one time the later
-- drop's is the newer one, then the later row, in whatever order they are loaded.
-- What was found is gathered first, as in merge_equal.
-- Safe to repeat: marks rows in a temporary table; a row that was applied before differs no more.
-- Fragments: table, drops, rows, stamp, different_field
-- Parameters: type_no, drop_no, modified, key
UPDATE staged_duplicates
SET fate = 'updated', field = newer.field
FROM (
    WITH found AS MATERIALIZED (
        SELECT r._seq, {{ different_field }} AS field
        FROM ({{ rows }}) AS r
        INNER JOIN staged_duplicates AS d ON r._seq = d.seq AND NOT d.repeated
        INNER JOIN staged_keys AS k ON r._seq = k.seq
        INNER JOIN {{ table }} AS t ON r._key = t."_key"
        INNER JOIN (
            SELECT
                unnest(:drop_no::INTEGER[]) AS drop_no,
                unnest(:modified::TIMESTAMP[]) AS modified,
                unnest(:key::VARCHAR[]) AS key
        ) AS n ON d.drop_no = n.drop_no
        LEFT JOIN {{ drops }} AS l ON t."_drop_id" = l.drop_id
        WHERE
            d.type_no = :type_no
            AND (
                k.stamp > {{ stamp }}
                OR (k.stamp IS NOT NULL AND {{ stamp }} IS NULL)
                OR (
                    k.stamp IS NOT DISTINCT FROM {{ stamp }}
                    AND coalesce((n.modified, n.key, d.row_no) >= (l.modified, l.key, t."_row"), true)
                )
            )
    )

    SELECT * FROM found WHERE field IS NOT NULL
) AS newer
WHERE staged_duplicates.seq = newer._seq;
