-- Drops of the ledger whose keys a listing does not have, and that were not taken away on purpose: neither out of
-- their source, since they were last taken from it, nor out of the warehouse. Adopted ones nobody looks for.
-- Safe to repeat: reads only.
-- Fragments: drops, archive, ranked
-- Parameters: source, first, most
SELECT
    d.drop_id,
    d.key,
    d.version,
    d.size_bytes,
    d.modified,
    d.state,
    d.first_seen_at,
    d.finished_at,
    d.rows_parsed,
    d.attempts,
    d.message
FROM {{ drops }} AS d
WHERE
    d.source = :source
    AND d.state NOT IN ('held', 'undone', 'adopted')
    AND d.key NOT IN (SELECT key FROM {{ ranked }})
    AND NOT EXISTS (SELECT 1 FROM {{ archive }} AS a WHERE a.drop_id = d.drop_id AND a.done_at >= d.finished_at)
ORDER BY d.modified, d.key, d.drop_id
LIMIT :most OFFSET :first;
