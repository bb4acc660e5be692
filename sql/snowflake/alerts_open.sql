-- What people were told of and is not over, as far as they were told.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT cause, kind, source, event_type, message, since
FROM {{ table }}
WHERE ended_at IS NULL
ORDER BY since, cause;
