-- Note what people were told of.
-- Safe to repeat: a cause that is noted already, and not over, stays as it is.
-- Fragments: table
-- Parameters: cause, kind, source, event_type, message, since, now
INSERT INTO {{ table }}
SELECT n.cause, n.kind, n.source, n.event_type, n.message, n.since, :now, NULL
FROM (
    SELECT
        unnest(:cause::VARCHAR[]) AS cause,
        unnest(:kind::VARCHAR[]) AS kind,
        unnest(:source::VARCHAR[]) AS source,
        unnest(:event_type::VARCHAR[]) AS event_type,
        unnest(:message::VARCHAR[]) AS message,
        unnest(:since::TIMESTAMP[]) AS since
) AS n
WHERE n.cause NOT IN (SELECT a.cause FROM {{ table }} AS a WHERE a.ended_at IS NULL);
