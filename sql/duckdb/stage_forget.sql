-- Give up a temporary table.
-- Safe to repeat: does nothing where it is gone.
-- Fragments: table
-- Parameters: none
DROP TABLE IF EXISTS {{ table }};
