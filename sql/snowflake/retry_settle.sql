-- Note on held rows that they are loaded now.
-- Safe to repeat: they are held no more then.
-- Fragments: quarantine
-- Parameters: now
UPDATE {{ quarantine }}
SET state = 'retried', changed_at = :now::TIMESTAMP_NTZ
WHERE id IN (SELECT id FROM retried_rows WHERE fate <> 'conflicting');
