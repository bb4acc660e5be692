-- An empty ledger, for a warehouse that has none yet and may not be changed.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: drops
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE {{ drops }} (
    drop_id VARCHAR,
    source VARCHAR,
    key VARCHAR,
    version VARCHAR,
    size_bytes NUMBER(38, 0),
    modified TIMESTAMP_NTZ,
    state VARCHAR,
    first_seen_at TIMESTAMP_NTZ,
    finished_at TIMESTAMP_NTZ,
    rows_parsed NUMBER(38, 0),
    attempts NUMBER(38, 0),
    message VARCHAR
);
