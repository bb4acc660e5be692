-- Cells of one table that are not what the files of their rows give.
-- Safe to repeat: touches only a temporary table.
-- Fragments: rows, table_name, differences, differs
-- Parameters: version
INSERT INTO audit_found
SELECT 'cell', drop_id, row_no, {{ table_name }} || '.' || one.name, one.written, one.found
FROM (
    SELECT r._drop_id AS drop_id, r._row_no AS row_no, unnest({{ differences }}) AS one
    FROM ({{ rows }}) AS r
    INNER JOIN audit_events AS t
        ON r._drop_id = t."_drop_id" AND r._row_no = t."_row" AND t."_schema_version" = :version
    WHERE {{ differs }}
)
WHERE one IS NOT NULL;
