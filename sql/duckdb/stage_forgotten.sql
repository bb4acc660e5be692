-- The rows of a shape that name somebody who was forgotten: nothing of them is loaded or kept.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: rows, found
-- Parameters: message
INSERT INTO staged_faults
SELECT r.seq, r.drop_no, r.row_no, r.type_no, 'forgotten', NULL, :message
FROM {{ rows }} AS r
SEMI JOIN ({{ found }}) AS f ON r.seq = f.place;
