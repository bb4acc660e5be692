-- The text of CSV drops as Snowflake takes it apart, headers included. Temporary, so that nothing is left of it
-- whatever becomes of the loader.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: definitions
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE external_cells (
    file VARCHAR,
    row_no NUMBER(38, 0),
    modified TIMESTAMP_NTZ,
    {{ definitions }}
);
