-- The ledger: one row per drop, for ever. A drop is new when it is not in here.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    drop_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    modified TIMESTAMP NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    format VARCHAR,
    compression VARCHAR,
    header VARCHAR[],
    rows_parsed BIGINT NOT NULL,
    rows_inserted BIGINT NOT NULL,
    rows_updated BIGINT NOT NULL,
    rows_identical BIGINT NOT NULL,
    rows_superseded BIGINT NOT NULL,
    rows_conflicting BIGINT NOT NULL,
    rows_quarantined BIGINT NOT NULL,
    event_rows JSON,
    error VARCHAR,
    message VARCHAR,
    run_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    rows_expired BIGINT
);
