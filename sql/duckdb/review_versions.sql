-- Rows of an event table by the version of the schema they were loaded under.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT _schema_version, count(*) FROM {{ table }} GROUP BY _schema_version ORDER BY _schema_version;
