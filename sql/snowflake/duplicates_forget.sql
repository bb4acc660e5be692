-- Forget the duplicates of drops that are loaded again or taken out.
-- Safe to repeat: within the transaction that does so.
-- Fragments: duplicates
-- Parameters: drop_id
DELETE FROM {{ duplicates }}
WHERE
    drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
