-- Read CSV drops from the bucket. A cell that is there is a text, an empty one too, so that a row which lacks cells
-- shows. A file that cannot be read gives no row at all: it is read on the loader's machine.
-- Safe to repeat: the table was made anew, and COPY passes over files that it has read already.
-- Fragments: place, named, cells
-- Parameters: none
COPY INTO external_cells
FROM (
    SELECT
        metadata$filename,
        metadata$file_row_number,
        metadata$file_last_modified,
        {{ cells }}
    FROM {{ place }}
)
FILES = ({{ named }})
FILE_FORMAT = (
    TYPE = CSV
    COMPRESSION = AUTO
    FIELD_DELIMITER = ','
    FIELD_OPTIONALLY_ENCLOSED_BY = '"'
    ESCAPE_UNENCLOSED_FIELD = NONE
    EMPTY_FIELD_AS_NULL = FALSE
    NULL_IF = ()
)
ON_ERROR = SKIP_FILE;
