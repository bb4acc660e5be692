-- In how many drops each column of an event table has no value though one was due: since the first
-- drop that has one. Of CSV the header tells; else so many values must have been due, by their share
-- in the other drops, that it is no chance. And the newest of these drops.
-- Safe to repeat: reads only.
-- Fragments: table, drops, counts
-- Parameters: names, due
WITH counted AS (
    SELECT _drop_id, count(*) AS row_count, [{{ counts }}] AS filled
    FROM {{ table }}
    GROUP BY _drop_id
),

apart AS (
    SELECT
        d.key,
        d.modified,
        d.format,
        d.header,
        c.row_count,
        unnest(c.filled) AS filled,
        generate_subscripts(c.filled, 1) AS place
    FROM counted AS c
    INNER JOIN {{ drops }} AS d ON c._drop_id = d.drop_id
),

judged AS (
    SELECT
        place,
        key,
        modified,
        filled = 0 AND (
            (format = 'csv' AND NOT list_has_any(header, (:names::VARCHAR[][])[place]))
            -- Multiplied, not divided: whole numbers are exact in every engine.
            OR sum(row_count) OVER each > row_count
            AND row_count * sum(filled) OVER each >= :due * (sum(row_count) OVER each - row_count)
        ) AS is_gap,
        min(CASE WHEN filled > 0 THEN modified END) OVER each AS first_modified
    FROM apart
    WINDOW each AS (PARTITION BY place)
)

SELECT place, count_if(is_gap), count(*), arg_max(key, modified) FILTER (WHERE is_gap)
FROM judged
WHERE modified >= first_modified
GROUP BY place
HAVING count_if(is_gap) > 0;
