-- The files of the batch: the drop each belongs to, and the event type of rows that do not tell theirs.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: file, drop_no, drop_id, first_row, forced_no, type_no
CREATE OR REPLACE TEMP TABLE staged_files AS
SELECT
    unnest(:file::INTEGER[]) AS file,
    unnest(:drop_no::INTEGER[]) AS drop_no,
    unnest(:drop_id::VARCHAR[]) AS drop_id,
    unnest(:first_row::BIGINT[]) AS first_row,
    unnest(:forced_no::INTEGER[]) AS forced_no,
    unnest(:type_no::INTEGER[]) AS type_no;
