-- To version 3: drops tell how many of their rows were too old. Before, none were.
-- Safe to repeat: does nothing where the column exists.
-- Fragments: table
-- Parameters: none
ALTER TABLE {{ table }} ADD COLUMN IF NOT EXISTS rows_expired NUMBER(38, 0);
