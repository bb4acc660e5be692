-- What the feed added to event schemas: one row per field, with the version that has it first.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    event_type VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    aliases ARRAY NOT NULL,
    column_name VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    rows_seen NUMBER(38, 0) NOT NULL,
    rows_filled NUMBER(38, 0) NOT NULL,
    "SAMPLE" VARCHAR,
    first_drop_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP_NTZ NOT NULL
);
