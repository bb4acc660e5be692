-- How often drops were tried before, and since when they are known.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: drop_id
SELECT drop_id, attempts, first_seen_at FROM {{ table }}
WHERE drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
