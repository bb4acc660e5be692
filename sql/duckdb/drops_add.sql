-- Write the ledger rows of a batch.
-- Safe to repeat: commits together with the batch's events, or not at all.
-- Fragments: table
-- Parameters: drop_id, source, key, version, size_bytes, modified, state, attempts, format,
--     compression, header, rows_parsed, rows_inserted, rows_updated, rows_identical, rows_superseded,
--     rows_conflicting, rows_quarantined, event_rows, error, message, run_id, first_seen_at, finished_at, rows_expired
INSERT INTO {{ table }}
SELECT
    unnest(:drop_id::VARCHAR[]),
    unnest(:source::VARCHAR[]),
    unnest(:key::VARCHAR[]),
    unnest(:version::VARCHAR[]),
    unnest(:size_bytes::BIGINT[]),
    unnest(:modified::TIMESTAMP[]),
    unnest(:state::VARCHAR[]),
    unnest(:attempts::INTEGER[]),
    unnest(:format::VARCHAR[]),
    unnest(:compression::VARCHAR[]),
    unnest(:header::VARCHAR[][]),
    unnest(:rows_parsed::BIGINT[]),
    unnest(:rows_inserted::BIGINT[]),
    unnest(:rows_updated::BIGINT[]),
    unnest(:rows_identical::BIGINT[]),
    unnest(:rows_superseded::BIGINT[]),
    unnest(:rows_conflicting::BIGINT[]),
    unnest(:rows_quarantined::BIGINT[]),
    unnest(:event_rows::VARCHAR[]),
    unnest(:error::VARCHAR[]),
    unnest(:message::VARCHAR[]),
    unnest(:run_id::VARCHAR[]),
    unnest(:first_seen_at::TIMESTAMP[]),
    unnest(:finished_at::TIMESTAMP[]),
    unnest(:rows_expired::BIGINT[]);
