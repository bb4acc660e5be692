-- Have no row of drops that are left to a run.
-- Safe to repeat: touches only temporary tables.
-- Fragments: table
-- Parameters: none
DELETE FROM {{ table }}
WHERE drop_no NOT IN (SELECT d.drop_no FROM task_drops AS d WHERE d.why IS NULL);
