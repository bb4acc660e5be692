-- How many texts of a shape do not fit the type in which their field was read, by field.
-- Safe to repeat: reads only.
-- Fragments: table, counts
-- Parameters: none
SELECT {{ counts }} FROM {{ table }};
