-- Note in the ledger that drops were taken out; the next run takes them for new.
-- Safe to repeat: the same words again.
-- Fragments: drops
-- Parameters: drop_id, message, now
UPDATE {{ drops }}
SET
    state = 'undone', rows_parsed = 0, rows_inserted = 0, rows_updated = 0, rows_identical = 0, rows_superseded = 0,
    rows_conflicting = 0, rows_quarantined = 0, rows_expired = 0,
    error = NULL, message = :message, finished_at = :now
WHERE drop_id IN (SELECT unnest(:drop_id::VARCHAR[]));
