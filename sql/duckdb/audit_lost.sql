-- Duplicates whose event is in its table no more. A conflict may outlive what
-- it was one with.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT 'lost', drop_id, row_no, table_name, fate, event_key::VARCHAR
FROM audit_accounts
WHERE place = 'duplicate' AND fate <> 'conflicting' AND NOT event_there;
