-- Who is looked for: hashes of identifiers, and the keys that they were made with, ready for HMAC. Bound values,
-- in temporary tables: no statement ever spells a key.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: number, key_no, identifier
CREATE OR REPLACE TEMP TABLE forgotten AS
SELECT
    unnest(:number::INTEGER[]) AS number,
    unnest(:key_no::INTEGER[]) AS key_no,
    unnest(:identifier::VARCHAR[]) AS identifier;
