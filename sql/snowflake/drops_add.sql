-- Write the ledger rows of a batch.
-- Rows: drop_id, source, key, version, size_bytes, modified, state, attempts, format, compression, header,
--     rows_parsed, rows_inserted, rows_updated, rows_identical, rows_superseded, rows_conflicting,
--     rows_quarantined, event_rows, error, message, run_id, first_seen_at, finished_at, rows_expired
-- Safe to repeat: commits together with the batch's events, or not at all.
-- Fragments: table
-- Parameters: rows
INSERT INTO {{ table }}
SELECT
    n.value:drop_id::VARCHAR,
    n.value:source::VARCHAR,
    n.value:key::VARCHAR,
    n.value:version::VARCHAR,
    n.value:size_bytes::NUMBER(38, 0),
    n.value:modified::TIMESTAMP_NTZ,
    n.value:state::VARCHAR,
    n.value:attempts::NUMBER(38, 0),
    n.value:format::VARCHAR,
    n.value:compression::VARCHAR,
    n.value:header::ARRAY,
    n.value:rows_parsed::NUMBER(38, 0),
    n.value:rows_inserted::NUMBER(38, 0),
    n.value:rows_updated::NUMBER(38, 0),
    n.value:rows_identical::NUMBER(38, 0),
    n.value:rows_superseded::NUMBER(38, 0),
    n.value:rows_conflicting::NUMBER(38, 0),
    n.value:rows_quarantined::NUMBER(38, 0),
    n.value:event_rows::VARCHAR,
    n.value:error::VARCHAR,
    n.value:message::VARCHAR,
    n.value:run_id::VARCHAR,
    n.value:first_seen_at::TIMESTAMP_NTZ,
    n.value:finished_at::TIMESTAMP_NTZ,
    n.value:rows_expired::NUMBER(38, 0)
FROM table(flatten(INPUT => parse_json(:rows))) AS n;
