-- Rows that are in a table, or count as duplicates of its events, and are none of it by their file. Nothing is kept
-- of a duplicate, so that it may be one of a person who was forgotten.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT
    'place', a.drop_id, a.row_no, a.table_name, coalesce(w.table_name, 'none: ' || f.reason, 'none'), NULL
FROM audit_accounts AS a
INNER JOIN audit_numbers AS n ON a.drop_id = n.drop_id
INNER JOIN audit_types AS t ON a.table_name = t.table_name AND a.schema_version = t.version
LEFT JOIN staged_keys AS k ON n.drop_no = k.drop_no AND a.row_no = k.row_no
LEFT JOIN audit_types AS w ON k.type_no = w.type_no
LEFT JOIN staged_faults AS f ON n.drop_no = f.drop_no AND a.row_no = f.row_no
INNER JOIN audit_drops AS d ON a.drop_id = d.drop_id AND a.row_no BETWEEN 1 AND d.rows_there
WHERE
    w.table_name IS DISTINCT FROM a.table_name
    AND NOT (a.place = 'duplicate' AND f.reason IS NOT DISTINCT FROM 'forgotten');
