-- How many values of a column would not be the same in a wider type.
-- Safe to repeat: reads only.
-- Fragments: table, column_name, type, value
-- Parameters: none
SELECT count(*) FROM {{ table }}
WHERE {{ column_name }} IS NOT NULL AND {{ value }}::{{ type }} IS DISTINCT FROM {{ column_name }};
