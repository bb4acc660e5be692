-- Last step to a wider type: the column beside takes the name.
-- Safe to repeat: it runs only while there is a column beside and none of the name.
-- Fragments: table, new_name, column_name
-- Parameters: none
ALTER TABLE {{ table }} RENAME COLUMN {{ new_name }} TO {{ column_name }};
