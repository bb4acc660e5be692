-- How many rows of each drop cannot be loaded. Those of people who were forgotten, and
-- those that are too old, are no fault of the drop.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT drop_no, count(*) FROM staged_faults WHERE reason NOT IN ('forgotten', 'expired') GROUP BY drop_no;
