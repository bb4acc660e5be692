-- For each event that is to be taken out the row of another drop that carried it too: one that is the
-- same in every column if there is one, of the oldest drop.
-- Safe to repeat: fills a temporary table anew.
-- Fragments: duplicates, drops
-- Parameters: drop_id, table_name
INSERT OVERWRITE INTO undo_heirs
SELECT d.event_key, d.drop_id, d.row_no, d.schema_version, d.same, d.fate, l.key, l.finished_at
FROM {{ duplicates }} AS d
INNER JOIN undo_rows AS u ON d.event_key = u.event_key
INNER JOIN {{ drops }} AS l ON d.drop_id = l.drop_id
WHERE
    d.table_name = :table_name
    AND d.fate IN ('identical', 'superseded')
    AND d.drop_id NOT IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l)
QUALIFY row_number() OVER (
    PARTITION BY d.event_key
    ORDER BY d.fate ASC, d.same DESC, l.modified ASC, l.key ASC, d.drop_id ASC, d.row_no ASC
) = 1;
