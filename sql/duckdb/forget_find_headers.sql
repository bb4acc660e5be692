-- Drops whose header may name people who are looked for: where there is no header, it is a row.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: needle
SELECT d.drop_id, d.header
FROM (
    SELECT
        drop_id,
        array_to_string(header, ' ') AS header,
        regexp_replace(lower(array_to_string(header, ' ')), '[^a-z0-9]+', '', 'g') AS folded
    FROM {{ drops }}
) AS d
WHERE regexp_matches(d.folded, array_to_string(:needle::VARCHAR[], '|'));
