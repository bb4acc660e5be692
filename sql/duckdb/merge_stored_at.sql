-- Where a table holds the events of one type that have duplicates in the batch: as was found, or among what
-- the batch put in. By their time of loading the engine passes over all others.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table
-- Parameters: type_no, now
CREATE OR REPLACE TEMP TABLE staged_stored_at AS
SELECT place FROM staged_duplicates WHERE type_no = :type_no AND place IS NOT NULL
UNION
SELECT t.rowid AS place
FROM {{ table }} AS t
SEMI JOIN (SELECT _key FROM staged_duplicates WHERE type_no = :type_no) AS d ON t."_key" = d._key
WHERE t."_loaded_at" = :now::TIMESTAMP;
