-- Bring what is in the log into the file, before that is copied.
-- Safe to repeat: there is nothing left to bring then.
-- Fragments: none
-- Parameters: none
CHECKPOINT;
