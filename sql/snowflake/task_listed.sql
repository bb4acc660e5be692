-- What the stage lists of a source.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE task_listed (
    key VARCHAR,
    name VARCHAR,
    size_bytes NUMBER(38, 0),
    version VARCHAR,
    modified TIMESTAMP_NTZ
);
