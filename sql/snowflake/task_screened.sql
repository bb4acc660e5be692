-- More than 0 where people were forgotten or old events removed.
-- Safe to repeat: reads only.
-- Fragments: screen
-- Parameters: none
SELECT s.people + s.removals FROM ({{ screen }}) AS s (people, removals, days, key_count, field_count);
