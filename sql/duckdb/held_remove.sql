-- Give up rows that are held: their texts go, the rest stays on record.
-- Safe to repeat: what was given up is held no more.
-- Fragments: quarantine
-- Parameters: ids, drop_ids, reasons, event_type, now
UPDATE {{ quarantine }}
SET state = 'removed', raw = '', context = NULL, changed_at = :now
WHERE
    state = 'held'
    AND (:ids::VARCHAR[] IS NULL OR id IN (SELECT unnest(:ids::VARCHAR[])))
    AND (:drop_ids::VARCHAR[] IS NULL OR drop_id IN (SELECT unnest(:drop_ids::VARCHAR[])))
    AND (:reasons::VARCHAR[] IS NULL OR reason IN (SELECT unnest(:reasons::VARCHAR[])))
    AND (:event_type::VARCHAR IS NULL OR event_type = :event_type);
