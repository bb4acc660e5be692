-- How many rows of each table are compared cell by cell.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT a.table_name, count(*)
FROM audit_accounts AS a
INNER JOIN audit_numbers AS n ON a.drop_id = n.drop_id
INNER JOIN audit_types AS t ON a.table_name = t.table_name AND a.schema_version = t.version
WHERE a.place = 'table'
GROUP BY a.table_name;
