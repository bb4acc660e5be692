-- Begin with no duplicates: the temporary table was made before the transaction, which DDL would commit.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
DELETE FROM staged_duplicates;
