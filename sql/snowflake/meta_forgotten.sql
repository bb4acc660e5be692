-- People who were forgotten: hashes of what identified them, made with a key or with a salt, how many rows of them
-- went by table, when, and in which run. It is the proof of that, and what keeps them from coming back.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    pii VARCHAR NOT NULL,
    identifier VARCHAR NOT NULL,
    key_id VARCHAR,
    salt VARCHAR,
    removed VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    forgotten_at TIMESTAMP_NTZ NOT NULL
);
