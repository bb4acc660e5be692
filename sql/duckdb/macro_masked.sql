-- A value without what it says: capitals become X, other letters x, digits 9, the rest stays; cut short.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_masked(x) AS regexp_replace(
    regexp_replace(regexp_replace(left(x, 60), '[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{M}]', 'x', 'g'), '\p{Lu}', 'X', 'g'),
    '\p{N}', '9', 'g'
);
