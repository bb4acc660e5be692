-- Take the rows of damaged files out again, before the strict parser reads them.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: none
-- Parameters: files
DELETE FROM staged_text WHERE _file IN (SELECT unnest(:files::INTEGER[]));
