-- One more field name in the batch.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: slot
-- Parameters: none
ALTER TABLE staged_text ADD COLUMN {{ slot }} VARCHAR;
