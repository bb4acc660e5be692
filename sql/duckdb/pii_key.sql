-- The key of new pseudonyms and the key that names rows without an id, made ready for HMAC: one row, of
-- NULLs where there is no key. Bound values, in a temporary table: no statement ever spells a key.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: key_id, inner_pad, outer_pad, row_inner_pad, row_outer_pad
CREATE OR REPLACE TEMP TABLE pii_key AS
SELECT
    :key_id::VARCHAR AS key_id,
    :inner_pad::BLOB AS inner_pad,
    :outer_pad::BLOB AS outer_pad,
    :row_inner_pad::BLOB AS row_inner_pad,
    :row_outer_pad::BLOB AS row_outer_pad;
