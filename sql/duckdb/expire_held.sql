-- Remove from the quarantine what is too old.
-- Safe to repeat: finds nothing the second time.
-- Fragments: quarantine
-- Parameters: none
DELETE FROM {{ quarantine }}
WHERE id IN (SELECT l.held_id FROM leaving_rows AS l WHERE l.held_id IS NOT NULL);
