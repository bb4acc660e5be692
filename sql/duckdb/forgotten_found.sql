-- Which texts name somebody who is looked for. Each different mention is hashed once.
-- Safe to repeat: reads only; used within other statements, too.
-- Fragments: texts
-- Parameters: none
WITH mentions AS MATERIALIZED (
    SELECT n.place, n.mention.pii, n.mention.plain
    FROM (SELECT t.place, unnest(firehose_mentions(t.pii, t.text)) AS mention FROM ({{ texts }}) AS t) AS n
),

known AS (
    SELECT m.pii, m.plain, f.number
    FROM (SELECT DISTINCT pii, plain FROM mentions) AS m
    CROSS JOIN forgotten_keys AS k
    INNER JOIN forgotten AS f
        ON
            k.key_no = f.key_no
            AND f.identifier
            = sha256(k.outer_pad || unhex(sha256(k.inner_pad || encode(m.pii || ':' || m.plain))))
)

SELECT DISTINCT m.place, n.number
FROM mentions AS m
INNER JOIN known AS n ON m.pii = n.pii AND m.plain = n.plain;
