-- Which rows of drops were too old, and are kept nowhere: the first and the last row of each entry.
-- Safe to repeat: reads only.
-- Fragments: expired
-- Parameters: drop_id
SELECT drop_id, first_row, last_row
FROM {{ expired }}
WHERE drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
