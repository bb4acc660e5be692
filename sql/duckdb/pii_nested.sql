-- The different JSON texts in one column of rows.
-- Safe to repeat: reads only.
-- Fragments: rows, text
-- Parameters: none
SELECT DISTINCT text FROM (SELECT {{ text }} AS text FROM ({{ rows }}) AS r) WHERE text IS NOT NULL;
