-- First of three steps that give a column a wider type, which Snowflake cannot change in place: a column beside it.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table, new_name, type
-- Parameters: none
ALTER TABLE {{ table }} ADD COLUMN IF NOT EXISTS {{ new_name }} {{ type }};
