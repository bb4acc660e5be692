-- Note what people were told of. MERGE locks, so that two who tell of one cause note it once.
-- Rows: cause, kind, source, event_type, message, since
-- Safe to repeat: a cause that is noted already, and not over, stays as it is.
-- Fragments: table
-- Parameters: rows, now
MERGE INTO {{ table }} AS t
USING (
    SELECT
        n.value:cause::VARCHAR AS cause,
        n.value:kind::VARCHAR AS kind,
        n.value:source::VARCHAR AS source,
        n.value:event_type::VARCHAR AS event_type,
        n.value:message::VARCHAR AS message,
        n.value:since::TIMESTAMP_NTZ AS since
    FROM table(flatten(INPUT => parse_json(:rows))) AS n
) AS s
    ON t.cause = s.cause AND t.ended_at IS NULL
WHEN NOT MATCHED THEN
    INSERT (cause, kind, source, event_type, message, since, told_at)
    VALUES (s.cause, s.kind, s.source, s.event_type, s.message, s.since, :now::TIMESTAMP_NTZ);
