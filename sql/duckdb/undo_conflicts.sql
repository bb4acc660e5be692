-- How many held conflicts of other drops stand against events that are to be taken out.
-- Safe to repeat: reads only.
-- Fragments: duplicates
-- Parameters: drop_id, table_name
SELECT count(*)
FROM {{ duplicates }}
WHERE
    fate = 'conflicting'
    AND table_name = :table_name
    AND drop_id NOT IN (SELECT unnest(:drop_id::VARCHAR[]))
    AND event_key IN (SELECT u.event_key FROM undo_rows AS u ANTI JOIN undo_heirs AS h ON u.event_key = h.event_key);
