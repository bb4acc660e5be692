-- Keep which rows of one event type were duplicates, and whether each is the stored row in every column.
-- A row that is the stored one itself, because its drop was read twice, is none.
-- Safe to repeat: what was kept of the same drops is forgotten first.
-- Fragments: duplicates, table, rows, same
-- Parameters: type_no, event_type, table_name, version
INSERT INTO {{ duplicates }}
SELECT
    r._drop_id, r._row_no, :event_type, :table_name, r._key, d.fate, d.field, ({{ same }}) AS same, :version
FROM ({{ rows }}) AS r
INNER JOIN (
    SELECT seq, fate, field
    FROM staged_duplicates
    WHERE type_no = :type_no AND fate <> 'updated'
) AS d ON r._seq = d.seq
INNER JOIN {{ table }} AS t ON r._key = t."_KEY"
WHERE NOT (t."_DROP_ID" = r._drop_id AND t."_ROW" = r._row_no);
