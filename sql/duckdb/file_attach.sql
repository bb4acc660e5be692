-- Have the file of the warehouse, beside what the engine holds in memory.
-- Safe to repeat: what is attached stays so.
-- Fragments: path, database
-- Parameters: none
ATTACH IF NOT EXISTS {{ path }} AS {{ database }};
