-- Note which rows of drops were too old, as a warehouse elsewhere tells it.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: drop_id, first_row, last_row
INSERT INTO audit_accounts (drop_id, row_no, place, table_name)
SELECT n.drop_id, unnest(range(n.first_row, n.last_row + 1)), 'expired', '_firehose_expired'
FROM (
    SELECT
        unnest(:drop_id::VARCHAR[]) AS drop_id,
        unnest(:first_row::BIGINT[]) AS first_row,
        unnest(:last_row::BIGINT[]) AS last_row
) AS n;
