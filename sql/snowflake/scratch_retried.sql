-- Held rows that are retried: what each was set aside as, and what it is now.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE retried_rows (
    id VARCHAR, drop_id VARCHAR, type_no NUMBER(38, 0), field VARCHAR, fate_before VARCHAR, fate VARCHAR
);
