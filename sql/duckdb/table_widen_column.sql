-- Give a column a wider type, its values with it.
-- Safe to repeat: it runs only while the column has the narrower type, in the transaction of the load.
-- Fragments: table, column_name, type, value
-- Parameters: none
ALTER TABLE {{ table }} ALTER COLUMN {{ column_name }} TYPE {{ type }} USING {{ value }};
