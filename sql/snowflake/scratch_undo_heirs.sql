-- The rows of other drops that take over events which are to be taken out.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE undo_heirs (
    event_key VARCHAR(36),
    drop_id VARCHAR,
    row_no NUMBER(38, 0),
    schema_version VARCHAR,
    same BOOLEAN,
    fate VARCHAR,
    key VARCHAR,
    finished_at TIMESTAMP_NTZ
);
