-- Drops whose header may name people who are looked for: where there is no header, it is a row.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: needle
SELECT DISTINCT d.drop_id, d.header
FROM (
    SELECT
        drop_id,
        array_to_string(header, ' ') AS header,
        regexp_replace(lower(array_to_string(header, ' ')), '[^a-z0-9]+', '', 'g') AS folded
    FROM {{ drops }}
) AS d
INNER JOIN (SELECT unnest(:needle::VARCHAR[]) AS needle) AS n ON contains(d.folded, n.needle);
