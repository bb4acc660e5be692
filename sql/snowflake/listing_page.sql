-- Some drops of a ranked listing.
-- Safe to repeat: reads only.
-- Fragments: ranked
-- Parameters: first, beyond
SELECT
    drop_id,
    key,
    version,
    size_bytes,
    modified,
    state,
    first_seen_at,
    finished_at,
    rows_parsed,
    attempts,
    message,
    earlier
FROM {{ ranked }}
WHERE place >= :first AND place < :beyond
ORDER BY place;
