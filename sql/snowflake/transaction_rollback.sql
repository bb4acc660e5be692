-- Forget what was done since the transaction began.
-- Safe to repeat: nothing is done where none is open.
-- Fragments: none
-- Parameters: none
ROLLBACK;
