-- Rows of drops that are accounted for more than once.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT
    'twice',
    drop_id, row_no, string_agg(table_name || ' as ' || fate, ', ' ORDER BY table_name, fate), NULL, NULL
FROM audit_fates
GROUP BY drop_id, row_no
HAVING count(*) > 1;
