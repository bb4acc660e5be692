-- Give up rows that are held: their texts go, the rest stays on record.
-- Safe to repeat: what was given up is held no more.
-- Fragments: quarantine
-- Parameters: ids, drop_ids, reasons, event_type, now
UPDATE {{ quarantine }}
SET state = 'removed', raw = '', context = NULL, changed_at = :now::TIMESTAMP_NTZ
WHERE
    state = 'held'
    AND (:ids IS NULL OR id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:ids))) AS l))
    AND (:drop_ids IS NULL OR drop_id IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_ids))) AS l
    ))
    AND (:reasons IS NULL OR reason IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:reasons))) AS l
    ))
    AND (:event_type IS NULL OR event_type = :event_type);
