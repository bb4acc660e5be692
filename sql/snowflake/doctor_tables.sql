-- The tables of the schema that the role may see, with their owners.
-- Safe to repeat: reads only, and needs no warehouse.
-- Fragments: schema
-- Parameters: none
SHOW TABLES IN SCHEMA {{ schema }};
