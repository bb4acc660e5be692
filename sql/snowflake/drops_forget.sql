-- Take out the ledger rows of drops that were held or failed before, now that there is more to say of them.
-- Safe to repeat: within the transaction that puts the new rows in.
-- Fragments: table
-- Parameters: drop_id
DELETE FROM {{ table }}
WHERE
    drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
