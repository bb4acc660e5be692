-- The events in one table that came from drops which are to be taken out.
-- Safe to repeat: fills a temporary table anew.
-- Fragments: table
-- Parameters: drop_id
INSERT OVERWRITE INTO undo_rows
SELECT "_KEY" AS event_key, "_DROP_ID" AS drop_id
FROM {{ table }}
WHERE "_DROP_ID" IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
