-- The database, where it is not there.
-- Safe to repeat: does nothing where it exists.
-- Fragments: database
-- Parameters: none
CREATE DATABASE IF NOT EXISTS {{ database }};
