-- Remove the text of drops that are set aside as a whole and name people who are forgotten; why they are is kept.
-- Safe to repeat: it is removed already then.
-- Fragments: quarantine
-- Parameters: ids, message
UPDATE {{ quarantine }}
SET
    raw = '', context = NULL, field = NULL, message = reason || '; ' || :message,
    state = CASE state WHEN 'held' THEN 'removed' ELSE state END
WHERE row_no IS NULL AND id IN (SELECT unnest(:ids::VARCHAR[]));
