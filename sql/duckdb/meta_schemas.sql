-- What the feed added to event schemas: one row per field, with the version that has it first.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    event_type VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    aliases VARCHAR[] NOT NULL,
    column_name VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    rows_seen BIGINT NOT NULL,
    rows_filled BIGINT NOT NULL,
    sample VARCHAR,
    first_drop_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL
);
