-- Give back the room of a listing.
-- Safe to repeat: touches only a temporary table of this connection.
-- Fragments: listed
-- Parameters: none
DROP TABLE IF EXISTS {{ listed }};
