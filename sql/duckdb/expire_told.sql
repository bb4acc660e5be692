-- How many rows go, by what they count as so far.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT
    coalesce(count_if(fate = 'inserted'), 0),
    coalesce(count_if(fate IN ('identical', 'superseded', 'replaced')), 0),
    coalesce(count_if(held_id IS NOT NULL), 0)
FROM leaving_rows;
