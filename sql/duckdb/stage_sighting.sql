-- How the rows of event types use the new fields: rows, and of each field how many have it and a value,
-- masked. The mask is long: it stands here once, for planning it for each field takes 10 ms.
-- Safe to repeat: reads only.
-- Fragments: rows, counts, samples
-- Parameters: type_nos
SELECT type_no, row_count, filled, list_transform(samples, lambda sample: firehose_masked(sample)) AS masked
FROM (
    SELECT r.type_no, count(*) AS row_count, [{{ counts }}] AS filled, [{{ samples }}] AS samples
    FROM {{ rows }} AS r
    WHERE r.type_no IN (SELECT unnest(:type_nos::INTEGER[]))
    GROUP BY r.type_no
);
