-- The drops beyond those that one statement can name; they are the next ones.
-- Safe to repeat: reads only.
-- Fragments: most
-- Parameters: none
SELECT d.drop_no FROM task_drops AS d WHERE d.drop_no >= {{ most }};
