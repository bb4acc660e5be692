-- What people were told of: one row per cause and time that it came up.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    cause VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    event_type VARCHAR,
    message VARCHAR NOT NULL,
    since TIMESTAMP_NTZ NOT NULL,
    told_at TIMESTAMP_NTZ NOT NULL,
    ended_at TIMESTAMP_NTZ
);
