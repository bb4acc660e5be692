-- In how many drops each column of an event table has no value though one was due: since the first
-- drop that has one. Of CSV the header tells; else so many values must have been due, by their share
-- in the other drops, that it is no chance. And the newest of these drops.
-- Safe to repeat: reads only.
-- Fragments: table, drops, counts
-- Parameters: names, due
WITH counted AS (
    SELECT "_DROP_ID" AS drop_id, count(*) AS row_count, array_construct({{ counts }}) AS filled
    FROM {{ table }}
    GROUP BY "_DROP_ID"
),

apart AS (
    SELECT
        d.key,
        d.modified,
        d.format,
        d.header,
        c.row_count,
        f.value::NUMBER(38, 0) AS filled,
        f.index + 1 AS place
    FROM counted AS c
    INNER JOIN {{ drops }} AS d ON c.drop_id = d.drop_id,
        LATERAL flatten(INPUT => c.filled) AS f
),

judged AS (
    SELECT
        a.place,
        a.key,
        a.modified,
        a.filled = 0 AND (
            (a.format = 'csv' AND NOT arrays_overlap(a.header, n.value::ARRAY))
            -- Multiplied, not divided: whole numbers are exact in every engine.
            OR sum(a.row_count) OVER (PARTITION BY a.place) > a.row_count
            AND a.row_count * sum(a.filled) OVER (PARTITION BY a.place)
            >= :due * (sum(a.row_count) OVER (PARTITION BY a.place) - a.row_count)
        ) AS is_gap,
        min(CASE WHEN a.filled > 0 THEN a.modified END) OVER (PARTITION BY a.place) AS first_modified
    FROM apart AS a
    INNER JOIN table(flatten(INPUT => parse_json(:names))) AS n ON a.place = n.index + 1
)

SELECT
    place,
    count_if(is_gap),
    count(*),
    max_by(CASE WHEN is_gap THEN key END, CASE WHEN is_gap THEN modified END)
FROM judged
WHERE modified >= first_modified
GROUP BY place
HAVING count_if(is_gap) > 0;
