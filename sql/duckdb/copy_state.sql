-- What tells one state of a table from another, whatever the order of its rows.
-- Safe to repeat: reads only.
-- Fragments: table, columns
-- Parameters: none
SELECT count(*), bit_xor(hash({{ columns }}))
FROM {{ table }};
