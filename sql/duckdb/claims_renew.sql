-- Have the claims of a run last longer.
-- Safe to repeat: sets the same again.
-- Fragments: table
-- Parameters: run_id, expires_at
UPDATE {{ table }}
SET expires_at = :expires_at::TIMESTAMP
WHERE run_id = :run_id;
