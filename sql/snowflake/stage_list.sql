-- What lies on the stage: name, size, hash, and when it was written.
-- Safe to repeat: reads only.
-- Fragments: place
-- Parameters: none
LIST {{ place }};
