-- Keep rows that cannot be loaded.
-- Rows: drop_id, row_no, line, byte_offset, event_type, schema_version, reason, field, message, raw, context
-- Safe to repeat: the id follows from drop, row and reason, and is put in once.
-- Fragments: table
-- Parameters: rows, run_id, now
INSERT INTO {{ table }}
SELECT
    md5(n.drop_id || ':' || coalesce(n.row_no, 0)::VARCHAR || ':' || n.reason) AS id,
    n.*,
    :run_id,
    :now::TIMESTAMP_NTZ,
    CASE n.reason WHEN 'forgotten' THEN 'removed' ELSE 'held' END,
    NULL
FROM (
    SELECT
        r.value:drop_id::VARCHAR AS drop_id,
        r.value:row_no::NUMBER(38, 0) AS row_no,
        r.value:line::NUMBER(38, 0) AS line,
        r.value:byte_offset::NUMBER(38, 0) AS byte_offset,
        r.value:event_type::VARCHAR AS event_type,
        r.value:schema_version::VARCHAR AS schema_version,
        r.value:reason::VARCHAR AS reason,
        r.value:field::VARCHAR AS field,
        r.value:message::VARCHAR AS message,
        r.value:raw::VARCHAR AS raw,
        r.value:context::VARCHAR AS context
    FROM table(flatten(INPUT => parse_json(:rows))) AS r
) AS n
WHERE md5(n.drop_id || ':' || coalesce(n.row_no, 0)::VARCHAR || ':' || n.reason) NOT IN (SELECT id FROM {{ table }});
