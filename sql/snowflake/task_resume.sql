-- Have the task begin.
-- Safe to repeat: does nothing where it has begun.
-- Fragments: task
-- Parameters: none
ALTER TASK {{ task }} RESUME;
