-- How many events in one table stand with one drop and came in another too; how many of these are hashed with
-- one of some keys, and of how many the other drop told something else, so that they can only leave together.
-- Safe to repeat: reads only.
-- Fragments: duplicates, table, side, text
-- Parameters: drop_id, table_name, key_ids
SELECT
    s.holder,
    s.other,
    count(*),
    count(*) FILTER (
        list_has_any(regexp_extract_all(s.text, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1), :key_ids::VARCHAR[])
    ),
    count(*) FILTER (NOT s.same OR s.fate <> 'identical')
FROM (
    SELECT r."_drop_id" AS holder, d.drop_id AS other, d.same, d.fate, {{ text }} AS text
    FROM {{ duplicates }} AS d
    INNER JOIN {{ table }} AS r ON d.event_key = r."_key"
    WHERE
        d.table_name = :table_name
        AND d.fate <> 'conflicting'
        AND d.drop_id <> r."_drop_id"
        AND {{ side }} IN (SELECT unnest(:drop_id::VARCHAR[]))
) AS s
GROUP BY s.holder, s.other
ORDER BY s.holder, s.other;
