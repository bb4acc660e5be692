-- How many rows an event table has, when the last one was loaded, and how its columns are used.
-- Safe to repeat: reads only.
-- Fragments: table, more_counts
-- Parameters: none
SELECT count(*), max("_LOADED_AT") {{ more_counts }} FROM {{ table }};
