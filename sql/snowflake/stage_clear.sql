-- Take the files of a batch off the stage.
-- Safe to repeat: removes what is there.
-- Fragments: place
-- Parameters: none
REMOVE {{ place }};
