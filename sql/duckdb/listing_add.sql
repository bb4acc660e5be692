-- Add drops to a listing, many at once; those that are done with stay out if only new ones are wanted.
-- The ledger streams by a hash table of the drops added, so that memory does not follow the ledger.
-- Safe to repeat: touches only a temporary table; a drop listed twice counts once when it is ranked.
-- Fragments: listed, drops
-- Parameters: drop_id, key, version, size_bytes, modified, new_only
INSERT INTO {{ listed }}
WITH done AS (
    SELECT drop_id
    FROM {{ drops }}
    WHERE
        :new_only
        AND state IN ('loaded', 'quarantined', 'adopted')
        AND drop_id IN (SELECT unnest(:drop_id::VARCHAR[]))
)

SELECT n.*
FROM (
    SELECT
        unnest(:drop_id::VARCHAR[]) AS drop_id,
        unnest(:key::VARCHAR[]),
        unnest(:version::VARCHAR[]),
        unnest(:size_bytes::BIGINT[]),
        unnest(:modified::TIMESTAMP[])
) AS n
WHERE n.drop_id NOT IN (SELECT drop_id FROM done);
