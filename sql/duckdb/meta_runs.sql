-- One row per run.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    run_id VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    status VARCHAR NOT NULL,
    exit_code INTEGER NOT NULL,
    loader_version VARCHAR NOT NULL,
    summary JSON NOT NULL,
    costs JSON
);
