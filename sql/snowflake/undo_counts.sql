-- How many events in one table came from each drop that is to be taken out.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT drop_id, count(*) FROM undo_rows GROUP BY drop_id;
