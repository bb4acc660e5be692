-- The rows of a shape that cannot be loaded, each with the first reason found.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: rows, row_joins, fault
-- Parameters: none
INSERT INTO staged_faults
SELECT seq, drop_no, row_no, type_no, fault.reason, fault.field, fault.message
FROM (
    SELECT r.seq, r.drop_no, r.row_no, r.type_no, {{ fault }} AS fault
    FROM {{ rows }} AS r
    {{ row_joins }}
)
WHERE fault IS NOT NULL;
