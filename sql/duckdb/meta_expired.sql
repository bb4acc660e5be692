-- Rows of drops that were older than their retention, and of which nothing else is kept: each entry stands for the
-- rows of one drop from the first to the last.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    drop_id VARCHAR NOT NULL,
    first_row BIGINT NOT NULL,
    last_row BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    expired_at TIMESTAMP NOT NULL
);
