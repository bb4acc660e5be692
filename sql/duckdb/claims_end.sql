-- Give up the claims of a run.
-- Safe to repeat: removes what is there.
-- Fragments: table
-- Parameters: run_id
DELETE FROM {{ table }}
WHERE run_id = :run_id;
