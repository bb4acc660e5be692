-- From when on rows are loaded, by drop and event type, and when the drop was delivered.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: drop_no, type_no, kept_from, delivered
CREATE OR REPLACE TEMP TABLE staged_limits AS
SELECT
    unnest(:drop_no::INTEGER[]) AS drop_no,
    unnest(:type_no::INTEGER[]) AS type_no,
    unnest(:kept_from::TIMESTAMP[]) AS kept_from,
    unnest(:delivered::TIMESTAMP[]) AS delivered;
