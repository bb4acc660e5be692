-- Put rows there that came from a warehouse elsewhere, each a list of texts.
-- Safe to repeat: touches only a temporary table.
-- Fragments: table, cells
-- Parameters: rows
INSERT INTO {{ table }}
SELECT {{ cells }} FROM (SELECT unnest(:rows::VARCHAR[][]) AS cell);
