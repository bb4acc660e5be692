-- Write rows as Parquet files of a limited size, in a folder that is made, for another warehouse to read.
-- Safe to repeat: files of the same names are written over.
-- Fragments: written, folder, file_bytes
-- Parameters: none
COPY ({{ written }}) TO {{ folder }} (
    FORMAT parquet,
    COMPRESSION snappy,
    FILE_SIZE_BYTES {{ file_bytes }},
    OVERWRITE_OR_IGNORE true
);
