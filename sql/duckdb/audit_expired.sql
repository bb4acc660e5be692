-- Note which rows of drops were too old, and are kept nowhere.
-- Safe to repeat: touches only a temporary table.
-- Fragments: expired
-- Parameters: drop_id
INSERT INTO audit_accounts (drop_id, row_no, place, table_name)
SELECT drop_id, unnest(range(first_row, last_row + 1)), 'expired', '_firehose_expired'
FROM {{ expired }}
WHERE drop_id IN (SELECT unnest(:drop_id::VARCHAR[]));
