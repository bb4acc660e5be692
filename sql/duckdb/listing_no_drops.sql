-- An empty ledger, for a warehouse that has none yet and may not be changed.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: drops
-- Parameters: none
CREATE OR REPLACE TEMP TABLE {{ drops }} (
    drop_id VARCHAR,
    source VARCHAR,
    key VARCHAR,
    version VARCHAR,
    size_bytes BIGINT,
    modified TIMESTAMP,
    state VARCHAR,
    first_seen_at TIMESTAMP,
    finished_at TIMESTAMP,
    rows_parsed BIGINT,
    attempts INTEGER,
    message VARCHAR
);
