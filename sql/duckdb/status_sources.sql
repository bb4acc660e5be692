-- What the ledger says of each source.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT
    source,
    count(*) FILTER (state = 'loaded'),
    count(*) FILTER (state = 'quarantined'),
    count(*) FILTER (state = 'failed'),
    count(*) FILTER (state = 'held'),
    count(*) FILTER (state = 'adopted'),
    coalesce(sum(rows_parsed), 0)::BIGINT,
    max(modified) FILTER (state <> 'held'),
    max(finished_at) FILTER (state = 'loaded')
FROM {{ table }}
GROUP BY source
ORDER BY source;
