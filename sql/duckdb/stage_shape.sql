-- The rows of a batch that have the same fields: the file each comes from, whether it has others that
-- were not read, and what it says.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table, more_definitions
-- Parameters: none
CREATE OR REPLACE TEMP TABLE {{ table }} (_file INTEGER, _odd BOOLEAN {{ more_definitions }});
