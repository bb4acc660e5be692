-- Up to when the events of a source and an event type were removed as too old: none that happened before is loaded
-- any more, whatever the configuration says. The event type is empty for rows whose type nobody knows.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    source VARCHAR NOT NULL,
    event_type VARCHAR NOT NULL,
    kept_from TIMESTAMP_NTZ NOT NULL,
    run_id VARCHAR NOT NULL,
    changed_at TIMESTAMP_NTZ NOT NULL
);
