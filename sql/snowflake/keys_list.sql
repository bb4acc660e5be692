-- The keys that values were hashed with, the first one first.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT key_id, fingerprint, first_used_at FROM {{ table }} ORDER BY first_used_at, key_id;
