-- Drops that were loaded whole some time ago and are still at their source, some at a time.
-- Safe to repeat: reads only.
-- Fragments: drops, archive
-- Parameters: source, loaded_before, after, most
SELECT drop_id, key, version, size_bytes, modified
FROM {{ drops }}
WHERE
    source = :source
    AND state = 'loaded'
    AND rows_quarantined = 0
    AND finished_at <= :loaded_before
    AND drop_id > :after
    AND drop_id NOT IN (SELECT drop_id FROM {{ archive }})
ORDER BY drop_id
LIMIT :most;
