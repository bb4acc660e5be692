-- The texts of rows that are set aside, as the files have them, and why the strict parser refused a row.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: drop_id, row_no, raw_hash, reason
CREATE OR REPLACE TEMP TABLE audit_texts AS
SELECT
    unnest(:drop_id::VARCHAR[]) AS drop_id,
    unnest(:row_no::BIGINT[]) AS row_no,
    unnest(:raw_hash::VARCHAR[]) AS raw_hash,
    unnest(:reason::VARCHAR[]) AS reason;
