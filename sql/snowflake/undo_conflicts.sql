-- How many held conflicts of other drops stand against events that are to be taken out.
-- Safe to repeat: reads only.
-- Fragments: duplicates
-- Parameters: drop_id, table_name
SELECT count(*)
FROM {{ duplicates }} AS d
INNER JOIN undo_rows AS u ON d.event_key = u.event_key
LEFT JOIN undo_heirs AS h ON u.event_key = h.event_key
WHERE
    h.event_key IS NULL
    AND d.fate = 'conflicting'
    AND d.table_name = :table_name
    AND d.drop_id NOT IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
