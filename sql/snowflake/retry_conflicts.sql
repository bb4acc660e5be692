-- Note on held rows that they could be loaded now, were their event not there with other content.
-- Safe to repeat: a conflict that stays one is not noted again.
-- Fragments: quarantine
-- Parameters: now
UPDATE {{ quarantine }} AS q
SET
    reason = 'conflict',
    field = r.field,
    message = 'the same event is there with another ' || r.field,
    changed_at = :now::TIMESTAMP_NTZ
FROM retried_rows AS r
WHERE q.id = r.id AND r.fate = 'conflicting';
