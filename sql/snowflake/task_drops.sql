-- The drops of a source that the ledger is not done with. "why" tells why one is left to a run; others have numbers.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE task_drops (
    drop_id VARCHAR,
    key VARCHAR,
    name VARCHAR,
    file VARCHAR,
    version VARCHAR,
    size_bytes NUMBER(38, 0),
    modified TIMESTAMP_NTZ,
    format VARCHAR,
    compression VARCHAR,
    forced_no NUMBER(38, 0),
    default_no NUMBER(38, 0),
    why VARCHAR,
    drop_no NUMBER(38, 0)
);
