-- The text of one batch: a row per data row of its drops, a column per field name, all text.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP TABLE staged_text (_file INTEGER, _row BIGINT);
