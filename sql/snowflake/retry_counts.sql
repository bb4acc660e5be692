-- What became of retried rows, by event type.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT type_no, fate, count(*) FROM retried_rows GROUP BY type_no, fate;
