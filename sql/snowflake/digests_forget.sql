-- Forget what rows of drops said that are taken out.
-- Safe to repeat: within the transaction that does so.
-- Fragments: digests
-- Parameters: drop_id
DELETE FROM {{ digests }}
WHERE drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
