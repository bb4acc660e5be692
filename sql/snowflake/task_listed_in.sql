-- The drops that a list of numbers names.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: numbers
SELECT d.drop_no FROM task_drops AS d WHERE contains(',' || :numbers || ',', ',' || d.drop_no::VARCHAR || ',');
