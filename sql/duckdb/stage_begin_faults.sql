-- The rows that cannot be loaded, each with the first reason found.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP TABLE staged_faults (
    seq BIGINT, drop_no INTEGER, row_no BIGINT, type_no INTEGER, reason VARCHAR, field VARCHAR, message VARCHAR
);
