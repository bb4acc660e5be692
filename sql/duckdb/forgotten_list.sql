-- Who was forgotten, the first one first.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT pii, identifier, key_id, salt, removed, run_id, forgotten_at FROM {{ table }} ORDER BY forgotten_at, identifier;
