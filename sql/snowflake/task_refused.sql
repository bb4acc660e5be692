-- The drops that cannot be merged after all: with a row that says something else than the event that is there, which
-- takes the very text that was delivered; loaded by somebody else since they were listed; or all of them, where people
-- were forgotten or old events removed. As a list of their numbers.
-- Safe to repeat: reads only.
-- Fragments: drops, source, screen
-- Parameters: none
SELECT coalesce(listagg(DISTINCT d.drop_no::VARCHAR, ','), '')
FROM task_drops AS d
LEFT JOIN (
    SELECT DISTINCT drop_no
    FROM staged_duplicates
    WHERE fate IS DISTINCT FROM 'identical'
) AS c ON d.drop_no = c.drop_no
LEFT JOIN (SELECT DISTINCT key FROM {{ drops }} WHERE source = {{ source }}) AS k ON d.key = k.key
CROSS JOIN ({{ screen }}) AS s (people, removals, days, key_count, field_count)
WHERE d.why IS NULL AND (c.drop_no IS NOT NULL OR k.key IS NOT NULL OR s.people + s.removals > 0);
