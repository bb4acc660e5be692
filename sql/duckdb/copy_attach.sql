-- Look into the copy for readers; they may go on to read it.
-- Safe to repeat: it is let go of after each look.
-- Fragments: path, copy
-- Parameters: none
ATTACH {{ path }} AS {{ copy }} (READ_ONLY);
