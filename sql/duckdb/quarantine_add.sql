-- Keep rows that cannot be loaded.
-- Safe to repeat: the id follows from drop, row and reason, and is put in once.
-- Fragments: table
-- Parameters: drop_id, row_no, line, byte_offset, event_type, schema_version, reason, field, message,
--     raw, context, run_id, now
INSERT INTO {{ table }}
SELECT
    md5(concat_ws(':', n.drop_id, coalesce(n.row_no, 0), n.reason)) AS id,
    n.*,
    :run_id,
    :now,
    CASE n.reason WHEN 'forgotten' THEN 'removed' ELSE 'held' END,
    NULL
FROM (
    SELECT
        unnest(:drop_id::VARCHAR[]) AS drop_id,
        unnest(:row_no::BIGINT[]) AS row_no,
        unnest(:line::BIGINT[]) AS line,
        unnest(:byte_offset::BIGINT[]) AS byte_offset,
        unnest(:event_type::VARCHAR[]) AS event_type,
        unnest(:schema_version::VARCHAR[]) AS schema_version,
        unnest(:reason::VARCHAR[]) AS reason,
        unnest(:field::VARCHAR[]) AS field,
        unnest(:message::VARCHAR[]) AS message,
        unnest(:raw::VARCHAR[]) AS raw,
        unnest(:context::VARCHAR[]) AS context
) AS n
WHERE md5(concat_ws(':', n.drop_id, coalesce(n.row_no, 0), n.reason)) NOT IN (SELECT id FROM {{ table }});
