-- Drops that have rows which were replaced, in the end, by rows that are to be taken out and that no other
-- drop carried too.
-- Safe to repeat: reads only.
-- Fragments: duplicates, drops
-- Parameters: drop_id, table_name
SELECT l.key, d.drop_id, count(*)
FROM {{ duplicates }} AS d
INNER JOIN (SELECT DISTINCT event_key FROM undo_rows) AS u ON d.event_key = u.event_key
LEFT JOIN undo_heirs AS h ON d.event_key = h.event_key
INNER JOIN {{ drops }} AS l ON d.drop_id = l.drop_id
WHERE
    h.event_key IS NULL
    AND d.table_name = :table_name
    AND d.fate = 'replaced'
    AND d.drop_id NOT IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l)
GROUP BY l.key, d.drop_id
ORDER BY l.key, d.drop_id;
