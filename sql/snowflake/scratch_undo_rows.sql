-- The events in one table that came from drops which are to be taken out.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE undo_rows (event_key VARCHAR(36), drop_id VARCHAR);
