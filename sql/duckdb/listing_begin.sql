-- What a storage lists and the ledger does not have done with.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: listed
-- Parameters: none
CREATE OR REPLACE TEMP TABLE {{ listed }} (
    drop_id VARCHAR, key VARCHAR, version VARCHAR, size_bytes BIGINT, modified TIMESTAMP
);
