-- The drops of a batch that is audited: their rows, as the files or else the ledger have them, and the
-- ledger's counts.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: drop_id, carries_rows, is_whole, rows_there, parsed, inserted, updated, identical, superseded,
--     conflicting, quarantined, expired
CREATE OR REPLACE TEMP TABLE audit_drops AS
SELECT
    unnest(:drop_id::VARCHAR[]) AS drop_id,
    unnest(:carries_rows::BOOLEAN[]) AS carries_rows,
    unnest(:is_whole::BOOLEAN[]) AS is_whole,
    unnest(:rows_there::BIGINT[]) AS rows_there,
    unnest(:parsed::BIGINT[]) AS parsed,
    unnest(:inserted::BIGINT[]) AS inserted,
    unnest(:updated::BIGINT[]) AS updated,
    unnest(:identical::BIGINT[]) AS identical,
    unnest(:superseded::BIGINT[]) AS superseded,
    unnest(:conflicting::BIGINT[]) AS conflicting,
    unnest(:quarantined::BIGINT[]) AS quarantined,
    unnest(:expired::BIGINT[]) AS expired;
