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
LEFT JOIN (SELECT DISTINCT key FROM {{ ranked }}) AS r ON d.key = r.key
LEFT JOIN {{ archive }} AS a ON d.drop_id = a.drop_id AND a.done_at >= d.finished_at
WHERE
    d.source = :source
    AND d.state NOT IN ('held', 'undone', 'adopted')
    AND r.key IS NULL
    AND a.drop_id IS NULL
QUALIFY
    row_number() OVER (ORDER BY d.modified, d.key, d.drop_id) > :first
    AND row_number() OVER (ORDER BY d.modified, d.key, d.drop_id) <= :first + :most
ORDER BY d.modified, d.key, d.drop_id;
