-- Bring the files of a batch to the stage, under a path of their own.
-- Safe to repeat: a file of the same name is written over.
-- Fragments: files, place
-- Parameters: none
PUT {{ files }} {{ place }} AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = NONE OVERWRITE = TRUE PARALLEL = 8;
