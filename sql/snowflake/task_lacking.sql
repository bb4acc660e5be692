-- How many of the columns that the script fills are there.
-- Safe to repeat: reads only.
-- Fragments: schema, columns
-- Parameters: none
SELECT count(*)
FROM information_schema.columns
WHERE table_schema = {{ schema }} AND table_name || '.' || column_name IN ({{ columns }});
