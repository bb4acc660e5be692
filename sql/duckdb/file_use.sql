-- Have names mean the tables of a database: of the file while it is held, else of the engine's own.
-- Safe to repeat: a setting of this connection.
-- Fragments: place
-- Parameters: none
USE {{ place }};
