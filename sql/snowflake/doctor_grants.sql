-- What a role may do, and which roles it has besides.
-- Safe to repeat: reads only, and needs no warehouse.
-- Fragments: role
-- Parameters: none
SHOW GRANTS TO ROLE {{ role }};
