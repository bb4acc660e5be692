-- One more column; rows loaded before hold NULL in it.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table, column
-- Parameters: none
ALTER TABLE {{ table }} ADD COLUMN IF NOT EXISTS {{ column }};
