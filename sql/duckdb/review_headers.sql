-- The names in the headers of the drops whose rows are in an event table, the commonest first, and
-- whether a drop of the newest load has them.
-- Safe to repeat: reads only.
-- Fragments: table, drops
-- Parameters: none
WITH loaded AS (
    SELECT header, finished_at
    FROM {{ drops }}
    WHERE drop_id IN (SELECT _drop_id FROM {{ table }})
)

SELECT name, max(finished_at) = (SELECT max(finished_at) FROM loaded)
FROM (SELECT unnest(header) AS name, finished_at FROM loaded)
GROUP BY name
ORDER BY count(*) DESC, name;
