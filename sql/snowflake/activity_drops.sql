-- What was delivered lately, oldest first, with what each drop carried.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: since
SELECT source, key, modified, first_seen_at, finished_at, state, event_rows
FROM {{ drops }}
WHERE modified >= :since::TIMESTAMP_NTZ
ORDER BY source, modified, key;
