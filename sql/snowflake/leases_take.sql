-- Become the one who writes, until the transaction ends: UPDATE locks, so that others wait here.
-- Safe to repeat: the same transaction holds it already.
-- Fragments: table
-- Parameters: holder, now
UPDATE {{ table }}
SET holder = :holder, taken_at = :now::TIMESTAMP_NTZ
WHERE name = 'writer';
