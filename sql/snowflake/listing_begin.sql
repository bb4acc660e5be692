-- What a storage lists and the ledger does not have done with.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: listed
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE {{ listed }} (
    drop_id VARCHAR, key VARCHAR, version VARCHAR, size_bytes NUMBER(38, 0), modified TIMESTAMP_NTZ
);
