-- The keys of the rows that can be loaded, and when each was delivered.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: key, stamp
-- Parameters: none
CREATE OR REPLACE TEMP TABLE staged_keys AS
SELECT r.seq, r.drop_no, r.row_no, r.type_no, {{ key }} AS _key, {{ stamp }} AS stamp
FROM staged_rows AS r
ANTI JOIN staged_faults AS f ON r.seq = f.seq;
