-- The rows that cannot be loaded, each with the first reason found.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: fault
-- Parameters: none
CREATE OR REPLACE TEMP TABLE staged_faults AS
SELECT seq, drop_no, row_no, type_no, fault.reason, fault.field, fault.message
FROM (SELECT r.seq, r.drop_no, r.row_no, r.type_no, {{ fault }} AS fault FROM staged_rows AS r)
WHERE fault IS NOT NULL;
