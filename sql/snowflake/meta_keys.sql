-- The keys that values in this warehouse were hashed with: their ids, and what tells a key from others
-- without leading back to it.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    key_id VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    first_used_at TIMESTAMP_NTZ NOT NULL
);
