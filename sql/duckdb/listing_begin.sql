-- What a storage lists.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP TABLE listed (
    drop_id VARCHAR, key VARCHAR, version VARCHAR, size_bytes BIGINT, modified TIMESTAMP
);
