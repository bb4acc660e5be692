-- The names in the headers of the drops whose rows are in an event table, the commonest first, and
-- whether a drop of the newest load has them.
-- Safe to repeat: reads only.
-- Fragments: table, drops
-- Parameters: none
WITH loaded AS (
    SELECT header, finished_at
    FROM {{ drops }}
    WHERE drop_id IN (SELECT "_DROP_ID" FROM {{ table }})
)

SELECT h.value::VARCHAR AS name, max(l.finished_at) = (SELECT max(finished_at) FROM loaded)
FROM loaded AS l, LATERAL flatten(INPUT => l.header) AS h
GROUP BY h.value::VARCHAR
ORDER BY count(*) DESC, name;
