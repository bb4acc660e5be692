-- Let go of the file of the warehouse: what was committed is brought into it, and others may have it.
-- Safe to repeat: what is let go of stays so.
-- Fragments: database
-- Parameters: none
DETACH DATABASE IF EXISTS {{ database }};
