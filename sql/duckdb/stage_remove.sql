-- Take the rows of damaged files out again, before the strict parser reads them.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: table
-- Parameters: files
DELETE FROM {{ table }} WHERE _file IN (SELECT unnest(:files::INTEGER[]));
