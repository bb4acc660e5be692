-- Forget which rows of drops were too old, when these are loaded again or taken out.
-- Safe to repeat: within the transaction that does so.
-- Fragments: expired
-- Parameters: drop_id
DELETE FROM {{ expired }}
WHERE drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
