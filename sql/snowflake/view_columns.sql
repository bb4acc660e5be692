-- The tables and views of the schema with their columns, in order.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: schema
SELECT table_name, column_name
FROM information_schema.columns
WHERE table_schema = :schema
ORDER BY table_name, ordinal_position;
