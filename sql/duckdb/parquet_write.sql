-- Write rows to one Parquet file.
-- Safe to repeat: the file is written over.
-- Fragments: written, file
-- Parameters: none
COPY ({{ written }}) TO {{ file }} (FORMAT parquet, COMPRESSION zstd);
