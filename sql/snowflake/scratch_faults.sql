-- The rows that cannot be loaded, each with the first reason found.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE staged_faults (
    seq NUMBER(38, 0),
    drop_no NUMBER(38, 0),
    row_no NUMBER(38, 0),
    type_no NUMBER(38, 0),
    reason VARCHAR,
    field VARCHAR,
    message VARCHAR
);
