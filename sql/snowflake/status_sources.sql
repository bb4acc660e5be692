-- What the ledger says of each source.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT
    source,
    count_if(state = 'loaded'),
    count_if(state = 'quarantined'),
    count_if(state = 'failed'),
    count_if(state = 'held'),
    count_if(state = 'adopted'),
    coalesce(sum(rows_parsed), 0)::NUMBER(38, 0),
    max(CASE WHEN state <> 'held' THEN modified END),
    max(CASE WHEN state = 'loaded' THEN finished_at END)
FROM {{ table }}
GROUP BY source
ORDER BY source;
