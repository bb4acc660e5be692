-- How many rows that stay are held as conflicts with events that went.
-- Safe to repeat: reads only.
-- Fragments: duplicates
-- Parameters: none
SELECT count(*)
FROM {{ duplicates }} AS d
INNER JOIN (
    SELECT DISTINCT table_name, event_key FROM leaving_rows WHERE fate = 'inserted'
) AS f ON d.table_name = f.table_name AND d.event_key = f.event_key
WHERE d.fate = 'conflicting';
