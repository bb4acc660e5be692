-- How many rows of drops that are to be taken out were replaced by newer ones before.
-- Safe to repeat: reads only.
-- Fragments: duplicates
-- Parameters: drop_id
SELECT drop_id, count(*)
FROM {{ duplicates }}
WHERE fate = 'replaced' AND drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l)
GROUP BY drop_id;
