-- Second step to a wider type: the values, in the column beside.
-- Safe to repeat: the same values again.
-- Fragments: table, new_name, column_name, value
-- Parameters: none
UPDATE {{ table }} SET {{ new_name }} = {{ value }} WHERE {{ column_name }} IS NOT NULL;
