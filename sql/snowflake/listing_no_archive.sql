-- An empty list of what was archived, for a warehouse that has none yet and may not be changed.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: archive
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE {{ archive }} (drop_id VARCHAR, done_at TIMESTAMP_NTZ);
