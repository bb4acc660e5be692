-- The versions that the loader's own tables have had: the highest is theirs.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    version INTEGER NOT NULL,
    loader_version VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL
);
