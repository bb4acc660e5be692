-- Forget how names are stored, where no event table is there that has one.
-- Safe to repeat: they are noted anew behind it.
-- Fragments: table
-- Parameters: none
DELETE FROM {{ table }};
