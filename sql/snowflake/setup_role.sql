-- A role of its own for the loader.
-- Safe to repeat: does nothing where it exists.
-- Fragments: role
-- Parameters: none
CREATE ROLE IF NOT EXISTS {{ role }};
