-- How many rows an event table has, and what its columns show: values, and one of them, masked.
-- Safe to repeat: reads only.
-- Fragments: table, more_samples
-- Parameters: none
SELECT count(*) {{ more_samples }} FROM {{ table }};
