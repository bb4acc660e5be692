-- Give masked rows without an id the keys that were made of what is stored of them.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: table
-- Parameters: none
UPDATE {{ table }} SET _key = k._key FROM staged_keys AS k WHERE _seq = k.seq;
