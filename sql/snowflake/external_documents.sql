-- The objects of JSON drops. Temporary, so that nothing is left of them whatever becomes of the loader.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE external_documents (
    file VARCHAR,
    row_no NUMBER(38, 0),
    modified TIMESTAMP_NTZ,
    body VARIANT
);
