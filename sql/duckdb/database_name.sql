-- The name under which the engine knows the open file. Tables are named with it, for the file may be
-- called as the loader's schema is, and the engine then cannot tell which of the two is meant.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT current_database();
