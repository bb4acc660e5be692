-- Forget what was set aside of drops that were taken out since and now are loaded again.
-- Safe to repeat: within the transaction that puts in what is set aside now.
-- Fragments: table
-- Parameters: drop_id
DELETE FROM {{ table }}
WHERE
    state = 'undone' AND drop_id IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l
    );
