-- One event table as the marketing views read it.
-- Safe to repeat: reads only; used within a view.
-- Fragments: columns, table
-- Parameters: none
SELECT {{ columns }} FROM {{ table }};
