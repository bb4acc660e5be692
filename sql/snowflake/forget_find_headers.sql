-- Drops whose header may name people who are looked for: where there is no header, it is a row.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: needle
SELECT DISTINCT d.drop_id, d.header
FROM (
    SELECT
        drop_id,
        to_json(header) AS header,
        regexp_replace(lower(to_json(header)), '[^a-z0-9]+', '') AS folded
    FROM {{ drops }}
) AS d
INNER JOIN (
    SELECT l.value::VARCHAR AS needle FROM table(flatten(INPUT => parse_json(:needle))) AS l
) AS n ON contains(d.folded, n.needle);
