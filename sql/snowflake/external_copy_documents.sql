-- Read JSON drops from the bucket: lines of objects, or an array of them. A file that cannot be read gives no row at
-- all: it is read on the loader's machine.
-- Safe to repeat: the table was made anew, and COPY passes over files that it has read already.
-- Fragments: place, named
-- Parameters: none
COPY INTO external_documents
FROM (
    SELECT
        metadata$filename,
        metadata$file_row_number,
        metadata$file_last_modified,
        $1
    FROM {{ place }}
)
FILES = ({{ named }})
FILE_FORMAT = (
    TYPE = JSON
    COMPRESSION = AUTO
    STRIP_OUTER_ARRAY = TRUE
)
ON_ERROR = SKIP_FILE;
