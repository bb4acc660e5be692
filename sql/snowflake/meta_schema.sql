-- The schema that holds every table of the loader.
-- Safe to repeat: does nothing where it exists.
-- Fragments: schema
-- Parameters: none
CREATE SCHEMA IF NOT EXISTS {{ schema }};
