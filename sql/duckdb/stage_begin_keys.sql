-- The keys of the rows that can be loaded, and when each was delivered.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP TABLE staged_keys (
    seq BIGINT, drop_no INTEGER, row_no BIGINT, type_no INTEGER, _key UUID, stamp TIMESTAMP
);
