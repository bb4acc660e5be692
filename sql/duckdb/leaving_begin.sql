-- The rows that are to be removed for good, and what each counts as.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP TABLE leaving_rows (
    table_name VARCHAR,
    event_key UUID,
    drop_id VARCHAR,
    row_no BIGINT,
    event_type VARCHAR,
    schema_version VARCHAR,
    fate VARCHAR,
    held_id VARCHAR
);
