-- What became of loaded drops at their source: one row per drop that is there no more.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    drop_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    moved_to VARCHAR,
    run_id VARCHAR NOT NULL,
    done_at TIMESTAMP_NTZ NOT NULL
);
