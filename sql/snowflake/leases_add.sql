-- Have the row that writers lock. MERGE locks, so that two who prepare at once make one.
-- Safe to repeat: puts in what is not there.
-- Fragments: table
-- Parameters: none
MERGE INTO {{ table }} AS t
USING (SELECT 'writer' AS name) AS s
    ON t.name = s.name
WHEN NOT MATCHED THEN INSERT (name) VALUES (s.name);
