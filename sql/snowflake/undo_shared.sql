-- How many events in one table stand with one drop and came in another too; how many of these are hashed with
-- one of some keys, and of how many the other drop told something else, so that they can only leave together.
-- Safe to repeat: reads only.
-- Fragments: duplicates, table, side, text
-- Parameters: drop_id, table_name, key_ids
WITH said AS (
    SELECT r."_DROP_ID" AS holder, d.drop_id AS other, d.same, d.fate, {{ text }} AS text
    FROM {{ duplicates }} AS d
    INNER JOIN {{ table }} AS r ON d.event_key = r."_KEY"
    WHERE
        d.table_name = :table_name
        AND d.fate <> 'conflicting'
        AND d.drop_id <> r."_DROP_ID"
        AND {{ side }} IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l)
),

hashed AS (
    SELECT
        holder,
        other,
        same,
        fate,
        regexp_substr_all(text, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1) AS key_ids
    FROM said
)

SELECT
    holder,
    other,
    count(*),
    count_if(arrays_overlap(key_ids, parse_json(:key_ids)::ARRAY)),
    count_if(NOT same OR fate <> 'identical')
FROM hashed
GROUP BY holder, other
ORDER BY holder, other;
