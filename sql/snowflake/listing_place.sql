-- What a listing becomes when it is held against the ledger.
-- Safe to repeat: replaces a temporary table of this session.
-- Fragments: ranked
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE {{ ranked }} (
    place NUMBER(38, 0),
    drop_id VARCHAR,
    key VARCHAR,
    version VARCHAR,
    size_bytes NUMBER(38, 0),
    modified TIMESTAMP_NTZ,
    state VARCHAR,
    first_seen_at TIMESTAMP_NTZ,
    finished_at TIMESTAMP_NTZ,
    rows_parsed NUMBER(38, 0),
    attempts NUMBER(38, 0),
    message VARCHAR,
    earlier BOOLEAN
);
