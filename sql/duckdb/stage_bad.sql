-- How many rows of each drop cannot be loaded. Those of people who were forgotten are no fault of the drop.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT drop_no, count(*) FROM staged_faults WHERE reason <> 'forgotten' GROUP BY drop_no;
