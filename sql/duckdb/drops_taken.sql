-- Those of some drops that another run has loaded, set aside or adopted in the meantime.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: drop_id, run_id
SELECT drop_id
FROM {{ table }}
WHERE
    drop_id IN (SELECT unnest(:drop_id::VARCHAR[]))
    AND state IN ('loaded', 'quarantined', 'adopted')
    AND run_id <> :run_id;
