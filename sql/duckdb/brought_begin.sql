-- A place for rows that come from a warehouse elsewhere.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table, definitions
-- Parameters: none
CREATE OR REPLACE TEMP TABLE {{ table }} ({{ definitions }});
