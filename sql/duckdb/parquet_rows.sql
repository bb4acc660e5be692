-- The rows of one day of an event table, in the order in which they are written.
-- Safe to repeat: reads only.
-- Fragments: columns, table, rows, order_columns
-- Parameters: none
SELECT {{ columns }} FROM {{ table }} WHERE {{ rows }} ORDER BY {{ order_columns }};
