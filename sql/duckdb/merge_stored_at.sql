-- Where a table holds the events of one type that have duplicates in the batch; only its keys are read.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table
-- Parameters: type_no
CREATE OR REPLACE TEMP TABLE staged_stored_at AS
SELECT t.rowid AS place
FROM {{ table }} AS t
SEMI JOIN (SELECT _key FROM staged_duplicates WHERE type_no = :type_no) AS d ON t."_key" = d._key;
