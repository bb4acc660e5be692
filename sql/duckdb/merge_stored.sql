-- The stored rows of the events that have duplicates in the batch, taken out of the table once. By their
-- places alone, which are few and known, the engine passes over what lies between.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: stored, table
-- Parameters: none
CREATE OR REPLACE TEMP TABLE {{ stored }} AS
FROM {{ table }} AS t
WHERE t.rowid IN (SELECT place FROM staged_stored_at);
