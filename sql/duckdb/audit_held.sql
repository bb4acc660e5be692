-- Note what is, or was, set aside of drops, as long as the drop itself was not taken out.
-- Safe to repeat: touches only a temporary table.
-- Fragments: quarantine
-- Parameters: drop_id
INSERT INTO audit_accounts (
    drop_id, row_no, place, event_type, schema_version, reason, field, state, raw_hash, held_id
)
SELECT drop_id, row_no, 'quarantine', event_type, schema_version, reason, field, state, md5(raw), id
FROM {{ quarantine }}
WHERE drop_id IN (SELECT unnest(:drop_id::VARCHAR[])) AND state <> 'undone';
