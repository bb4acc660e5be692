-- Who works through which source: one row per source while a run is at it. A run that is killed leaves its row,
-- which counts for nothing once its time is over.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    source VARCHAR NOT NULL,
    holder VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
