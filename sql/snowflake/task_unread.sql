-- The drops of which no row was read.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT d.drop_no FROM task_drops AS d WHERE d.drop_no NOT IN (SELECT r.drop_no FROM {{ table }} AS r);
