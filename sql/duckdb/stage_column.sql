-- One more field in a shape.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: table, column
-- Parameters: none
ALTER TABLE {{ table }} ADD COLUMN {{ column }};
