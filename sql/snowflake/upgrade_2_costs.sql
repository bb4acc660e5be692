-- To version 2: runs tell what they took of the account. Of earlier ones that is not known.
-- Safe to repeat: does nothing where the column exists.
-- Fragments: table
-- Parameters: none
ALTER TABLE {{ table }} ADD COLUMN IF NOT EXISTS costs VARCHAR;
