-- Have names that stand alone, such as those of temporary tables, mean the loader's schema.
-- Safe to repeat: a setting of this session.
-- Fragments: schema
-- Parameters: none
USE SCHEMA {{ schema }};
