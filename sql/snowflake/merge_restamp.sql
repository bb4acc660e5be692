-- Note on rows that came again, equal, when that was last: what is older than this is no newer version.
-- Safe to repeat: the time only moves on.
-- Fragments: table, stamp_column
-- Parameters: type_no
UPDATE {{ table }} AS t
SET {{ stamp_column }} = again.stamp
FROM (
    SELECT k._key, max(k.stamp) AS stamp
    FROM staged_duplicates AS d
    INNER JOIN staged_keys AS k ON d.seq = k.seq
    WHERE d.type_no = :type_no AND d.fate = 'identical'
    GROUP BY k._key
) AS again
WHERE t."_KEY" = again._key AND (t.{{ stamp_column }} IS NULL OR t.{{ stamp_column }} < again.stamp);
