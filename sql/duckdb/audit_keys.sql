-- Rows that name another event than their file does.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT 'cell', a.drop_id, a.row_no, a.table_name || '._key', k._key::VARCHAR, a.event_key::VARCHAR
FROM audit_accounts AS a
INNER JOIN audit_numbers AS n ON a.drop_id = n.drop_id
INNER JOIN audit_types AS t ON a.table_name = t.table_name AND a.schema_version = t.version
INNER JOIN staged_keys AS k ON n.drop_no = k.drop_no AND a.row_no = k.row_no AND t.type_no = k.type_no
WHERE k._key IS DISTINCT FROM a.event_key;
