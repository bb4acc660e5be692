-- Add drops to the listing, many at once.
-- Safe to repeat: touches only a temporary table; a drop listed twice counts once when it is compared.
-- Fragments: none
-- Parameters: drop_id, key, version, size_bytes, modified
INSERT INTO listed
SELECT
    unnest(:drop_id::VARCHAR[]),
    unnest(:key::VARCHAR[]),
    unnest(:version::VARCHAR[]),
    unnest(:size_bytes::BIGINT[]),
    unnest(:modified::TIMESTAMP[]);
