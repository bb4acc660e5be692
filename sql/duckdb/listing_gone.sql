-- Drops of the ledger whose keys a listing does not have, and that were not taken away on purpose.
-- Safe to repeat: reads only.
-- Fragments: drops, archive, ranked
-- Parameters: source, first, most
SELECT drop_id, key, version, size_bytes, modified, state, first_seen_at, finished_at, rows_parsed, attempts, message
FROM {{ drops }}
WHERE
    source = :source
    AND state <> 'held'
    AND key NOT IN (SELECT key FROM {{ ranked }})
    AND drop_id NOT IN (SELECT drop_id FROM {{ archive }})
ORDER BY modified, key, drop_id
LIMIT :most OFFSET :first;
