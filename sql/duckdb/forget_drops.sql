-- The drops of which rows go.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT DISTINCT drop_id FROM leaving_rows;
