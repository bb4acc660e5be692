-- The drops of a batch that are read from the bucket: what tells their event type, if anything beside their rows does,
-- and which of them have the same fields.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE external_files (
    file VARCHAR,
    drop_no NUMBER(38, 0),
    drop_id VARCHAR,
    modified TIMESTAMP_NTZ,
    forced_no NUMBER(38, 0),
    default_no NUMBER(38, 0),
    fields NUMBER(38, 0)
);
