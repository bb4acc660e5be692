-- One row that whoever writes locks for as long as the transaction lasts.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    name VARCHAR NOT NULL,
    holder VARCHAR,
    taken_at TIMESTAMP_NTZ
);
