-- What could not be loaded, with its raw text and the reason. A row_no of NULL stands for a whole drop.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    id VARCHAR NOT NULL,
    drop_id VARCHAR NOT NULL,
    row_no NUMBER(38, 0),
    line NUMBER(38, 0),
    byte_offset NUMBER(38, 0),
    event_type VARCHAR,
    schema_version VARCHAR,
    reason VARCHAR NOT NULL,
    field VARCHAR,
    message VARCHAR NOT NULL,
    raw VARCHAR NOT NULL,
    context VARCHAR,
    run_id VARCHAR NOT NULL,
    quarantined_at TIMESTAMP_NTZ NOT NULL,
    state VARCHAR NOT NULL,
    changed_at TIMESTAMP_NTZ
);
