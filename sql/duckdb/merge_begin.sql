-- The rows of the batch whose event is there already, with what became of each.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP TABLE staged_duplicates (
    seq BIGINT,
    drop_no INTEGER,
    row_no BIGINT,
    type_no INTEGER,
    _key UUID,
    place BIGINT,
    repeated BOOLEAN,
    fate VARCHAR,
    field VARCHAR
);
