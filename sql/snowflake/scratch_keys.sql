-- The keys of the rows that can be loaded, and when each was delivered.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE staged_keys (
    seq NUMBER(38, 0),
    drop_no NUMBER(38, 0),
    row_no NUMBER(38, 0),
    type_no NUMBER(38, 0),
    _key VARCHAR(36),
    stamp TIMESTAMP_NTZ
);
