-- Which event types the rows name whose event type no schema has.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT "EVENT_TYPE", count(*)
FROM {{ table }}
WHERE lower(trim("EVENT_TYPE")) NOT IN ('', 'null', '\\n')
GROUP BY "EVENT_TYPE"
ORDER BY count(*) DESC, "EVENT_TYPE";
