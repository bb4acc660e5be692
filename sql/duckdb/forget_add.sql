-- Note rows of people who are to be forgotten.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: table_name, event_key, drop_id, row_no, event_type, schema_version, fate
INSERT INTO leaving_rows (table_name, event_key, drop_id, row_no, event_type, schema_version, fate)
SELECT
    :table_name,
    unnest(:event_key::UUID[]) AS event_key,
    unnest(:drop_id::VARCHAR[]) AS drop_id,
    unnest(:row_no::BIGINT[]) AS row_no,
    unnest(:event_type::VARCHAR[]) AS event_type,
    unnest(:schema_version::VARCHAR[]) AS schema_version,
    unnest(:fate::VARCHAR[]) AS fate;
