-- Rows of drops that nothing accounts for; of a drop that is set aside as a
-- whole, that it is nowhere to be seen.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT 'missing', wanted.drop_id, wanted.row_no, NULL, NULL, NULL
FROM (
    SELECT drop_id, unnest(range(1, rows_there + 1)) AS row_no FROM audit_drops WHERE carries_rows
    UNION ALL
    SELECT drop_id, NULL FROM audit_drops WHERE is_whole
) AS wanted
ANTI JOIN (
    SELECT drop_id, row_no FROM audit_fates
    UNION ALL
    SELECT drop_id, NULL FROM audit_accounts WHERE place = 'quarantine' AND row_no IS NULL
) AS found ON wanted.drop_id = found.drop_id AND wanted.row_no IS NOT DISTINCT FROM found.row_no;
