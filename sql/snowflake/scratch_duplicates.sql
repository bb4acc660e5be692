-- The rows of the batch whose event is there already, with what became of each.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE staged_duplicates (
    seq NUMBER(38, 0),
    drop_no NUMBER(38, 0),
    row_no NUMBER(38, 0),
    type_no NUMBER(38, 0),
    _key VARCHAR(36),
    repeated BOOLEAN,
    fate VARCHAR,
    field VARCHAR
);
