-- Note the rows that carried events which go. A conflict told something else: its own text decides on it.
-- Safe to repeat: within the transaction that removes the events.
-- Fragments: duplicates
-- Parameters: none
INSERT INTO leaving_rows (table_name, event_key, drop_id, row_no, event_type, schema_version, fate)
SELECT d.table_name, d.event_key, d.drop_id, d.row_no, d.event_type, d.schema_version, d.fate
FROM {{ duplicates }} AS d
INNER JOIN (
    SELECT DISTINCT table_name, event_key FROM leaving_rows WHERE fate = 'inserted'
) AS f ON d.table_name = f.table_name AND d.event_key = f.event_key
WHERE d.fate <> 'conflicting';
