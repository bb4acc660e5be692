-- Let checkpoints leave row groups that are not full as they are. A large batch writes many full ones and
-- one that is not for each thread; to join the latter, half of the batch would be compressed twice.
-- Safe to repeat: a setting of this connection.
-- Fragments: none
-- Parameters: none
SET max_vacuum_tasks = 0;
