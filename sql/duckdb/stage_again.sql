-- The rows of a shape that are duplicates, taken out of all others once: they are looked at several times.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table, rows
-- Parameters: none
CREATE OR REPLACE TEMP TABLE {{ table }} AS
FROM {{ rows }} AS r SEMI JOIN staged_duplicates AS d ON r.seq = d.seq;
