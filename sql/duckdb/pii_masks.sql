-- JSON texts as they were, and with their personal data masked.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table
-- Parameters: raw, masked
CREATE OR REPLACE TEMP TABLE {{ table }} AS
SELECT
    unnest(:raw::VARCHAR[]) AS raw,
    unnest(:masked::VARCHAR[]) AS masked;
