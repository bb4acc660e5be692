-- How names are stored: an example of each kind.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT kind, name, stored FROM {{ table }} ORDER BY kind;
