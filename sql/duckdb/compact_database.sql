-- What the engine calls the database of the warehouse.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT current_database();
