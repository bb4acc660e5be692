-- The rows that are to be removed for good, and what each counts as.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE leaving_rows (
    table_name VARCHAR,
    event_key VARCHAR(36),
    drop_id VARCHAR,
    row_no NUMBER(38, 0),
    event_type VARCHAR,
    schema_version VARCHAR,
    fate VARCHAR,
    held_id VARCHAR
);
