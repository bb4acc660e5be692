-- The differences that an audit finds in a batch of drops.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP TABLE audit_found (
    kind VARCHAR, drop_id VARCHAR, row_no BIGINT, what VARCHAR, written VARCHAR, found VARCHAR
);
