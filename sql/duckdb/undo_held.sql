-- Note on what was set aside of drops that these were taken out.
-- Safe to repeat: the state stays.
-- Fragments: quarantine
-- Parameters: drop_id, now
UPDATE {{ quarantine }}
SET state = 'undone', changed_at = :now
WHERE drop_id IN (SELECT unnest(:drop_id::VARCHAR[])) AND state <> 'undone';
