-- The drops that are read again together.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: drop_no, drop_id
CREATE OR REPLACE TEMP TABLE audit_numbers AS
SELECT
    unnest(:drop_no::INTEGER[]) AS drop_no,
    unnest(:drop_id::VARCHAR[]) AS drop_id;
