-- A staging model for dbt: the columns of one event table, by name.
-- Safe to repeat: reads only; written into a file, never run from here.
-- Fragments: columns, table
-- Parameters: none
SELECT
    {{ columns }}
FROM {{ table }};
