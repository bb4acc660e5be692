-- The rows of drops whose event stands elsewhere, told by key: what it takes to undo a drop, and to trace an event.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    drop_id VARCHAR NOT NULL,
    row_no NUMBER(38, 0) NOT NULL,
    event_type VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    event_key VARCHAR(36) NOT NULL,
    fate VARCHAR NOT NULL,
    field VARCHAR,
    same BOOLEAN NOT NULL,
    schema_version VARCHAR NOT NULL
);
