-- The texts of one column that spell an event type, and which.
-- Safe to repeat: reads only.
-- Fragments: types
-- Parameters: none
SELECT spelling, type_no FROM {{ types }};
