-- Add drops to a listing, many at once; those that are done with stay out if only new ones are wanted.
-- Safe to repeat: touches only a temporary table; a drop listed twice counts once when it is ranked.
-- Fragments: listed, drops
-- Parameters: drop_id, key, version, size_bytes, modified, new_only
INSERT INTO {{ listed }}
SELECT n.*
FROM (
    SELECT
        unnest(:drop_id::VARCHAR[]) AS drop_id,
        unnest(:key::VARCHAR[]),
        unnest(:version::VARCHAR[]),
        unnest(:size_bytes::BIGINT[]),
        unnest(:modified::TIMESTAMP[])
) AS n
WHERE NOT (
    :new_only
    AND n.drop_id IN (SELECT drop_id FROM {{ drops }} WHERE state NOT IN ('failed', 'held', 'undone'))
);
