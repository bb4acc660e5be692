-- Take out the events that only drops to be undone carried.
-- Safe to repeat: finds nothing the second time.
-- Fragments: table
-- Parameters: drop_id
DELETE FROM {{ table }}
WHERE
    "_DROP_ID" IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
