-- What follows is kept as a whole or not at all. No DDL may come before the end: it would commit.
-- Safe to repeat: there is one transaction at a time.
-- Fragments: none
-- Parameters: none
BEGIN TRANSACTION;
