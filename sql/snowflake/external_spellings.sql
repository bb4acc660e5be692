-- The texts of one field that may spell an event type.
-- Safe to repeat: reads only.
-- Fragments: table, slot
-- Parameters: none
SELECT DISTINCT {{ slot }} AS spelling FROM {{ table }} AS r WHERE length({{ slot }}) <= 100;
