-- Type the rows of one event type and shape once, where that is dear to plan for every statement.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table, rows
-- Parameters: none
CREATE OR REPLACE TEMP TABLE {{ table }} AS FROM ({{ rows }});
