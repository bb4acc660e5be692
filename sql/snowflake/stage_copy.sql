-- Read staged files into a temporary table, by the names of their columns.
-- Safe to repeat: COPY passes over files that it has read already.
-- Fragments: table, place
-- Parameters: none
COPY INTO {{ table }}
FROM {{ place }}
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)
MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
ON_ERROR = ABORT_STATEMENT;
