-- What accounts for the rows of some drops: rows of event tables, duplicates, what is set aside.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP TABLE audit_accounts (
    drop_id VARCHAR,
    row_no BIGINT,
    place VARCHAR,
    table_name VARCHAR,
    event_key UUID,
    fate VARCHAR,
    event_there BOOLEAN,
    event_type VARCHAR,
    schema_version VARCHAR,
    reason VARCHAR,
    field VARCHAR,
    state VARCHAR,
    raw_hash VARCHAR,
    held_id VARCHAR
);
