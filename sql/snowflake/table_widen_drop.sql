-- Third step to a wider type: the narrow column goes. All its values are in the column beside.
-- Safe to repeat: where it is gone, only the last step is left to do.
-- Fragments: table, column_name
-- Parameters: none
ALTER TABLE {{ table }} DROP COLUMN {{ column_name }};
