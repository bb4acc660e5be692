-- The keys with which identifiers are hashed of those who are looked for, made ready for HMAC. Bound values, in a
-- temporary table: no statement ever spells a key.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: inner_pad, outer_pad
CREATE OR REPLACE TEMP TABLE forgotten_keys AS
SELECT
    generate_subscripts(:inner_pad::BLOB[], 1) - 1 AS key_no,
    unnest(:inner_pad::BLOB[]) AS inner_pad,
    unnest(:outer_pad::BLOB[]) AS outer_pad;
