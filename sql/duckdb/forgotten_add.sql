-- Remember who was forgotten.
-- Safe to repeat: commits together with the removal of their rows, or not at all.
-- Fragments: table
-- Parameters: pii, identifier, key_id, salt, removed, run_id, forgotten_at
INSERT INTO {{ table }}
SELECT
    unnest(:pii::VARCHAR[]) AS pii,
    unnest(:identifier::VARCHAR[]) AS identifier,
    unnest(:key_id::VARCHAR[]) AS key_id,
    unnest(:salt::VARCHAR[]) AS salt,
    unnest(:removed::VARCHAR[]) AS removed,
    unnest(:run_id::VARCHAR[]) AS run_id,
    unnest(:forgotten_at::TIMESTAMP[]) AS forgotten_at;
