-- Drops of a batch that another run has loaded or set aside in the meantime.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: drop_id, run_id
SELECT drop_id
FROM {{ table }}
WHERE drop_id IN (
    SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l
) AND state IN ('loaded', 'quarantined') AND run_id <> :run_id;
