-- One row per run.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    run_id VARCHAR NOT NULL,
    started_at TIMESTAMP_NTZ NOT NULL,
    finished_at TIMESTAMP_NTZ NOT NULL,
    status VARCHAR NOT NULL,
    exit_code NUMBER(38, 0) NOT NULL,
    loader_version VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    costs VARCHAR
);
