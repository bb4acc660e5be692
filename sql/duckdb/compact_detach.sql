-- Let go of the new file: all is written to it then.
-- Safe to repeat: the new file is begun anew each time.
-- Fragments: new
-- Parameters: none
DETACH {{ new }};
