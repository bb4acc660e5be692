-- The ledger: one row per drop, for ever. A drop is new when it is not in here.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    drop_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    size_bytes NUMBER(38, 0) NOT NULL,
    modified TIMESTAMP_NTZ NOT NULL,
    state VARCHAR NOT NULL,
    attempts NUMBER(38, 0) NOT NULL,
    format VARCHAR,
    compression VARCHAR,
    header ARRAY,
    rows_parsed NUMBER(38, 0) NOT NULL,
    rows_inserted NUMBER(38, 0) NOT NULL,
    rows_updated NUMBER(38, 0) NOT NULL,
    rows_identical NUMBER(38, 0) NOT NULL,
    rows_superseded NUMBER(38, 0) NOT NULL,
    rows_conflicting NUMBER(38, 0) NOT NULL,
    rows_quarantined NUMBER(38, 0) NOT NULL,
    event_rows VARCHAR,
    error VARCHAR,
    message VARCHAR,
    run_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP_NTZ NOT NULL,
    finished_at TIMESTAMP_NTZ NOT NULL,
    rows_expired NUMBER(38, 0)
);
