-- The keys of the rows of a shape that can be loaded, and when each was delivered.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: rows, row_joins, key, stamp
-- Parameters: none
INSERT INTO staged_keys
SELECT r.seq, r.drop_no, r.row_no, r.type_no, {{ key }} AS _key, {{ stamp }} AS stamp
FROM {{ rows }} AS r
{{ row_joins }};
