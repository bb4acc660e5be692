-- Give the room of staged rows back.
-- Safe to repeat: does nothing where they are gone.
-- Fragments: table
-- Parameters: none
DROP TABLE IF EXISTS {{ table }};
