-- Count what drops took over as inserted by them.
-- Safe to repeat: within the transaction that hands the events over.
-- Fragments: drops
-- Parameters: none
UPDATE {{ drops }} AS d
SET rows_identical = d.rows_identical - h.taken, rows_inserted = d.rows_inserted + h.taken
FROM (SELECT drop_id, count(*) AS taken FROM undo_heirs GROUP BY drop_id) AS h
WHERE d.drop_id = h.drop_id;
