-- How many drops of a batch the ledger has from this very transaction: the answer to a commit may get lost.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: drop_id, run_id, now
SELECT count(*)
FROM {{ table }}
WHERE
    drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l)
    AND run_id = :run_id
    AND finished_at = :now::TIMESTAMP_NTZ;
