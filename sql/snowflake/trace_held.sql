-- The rows in quarantine whose text names an event: its id as a whole, between signs that no id goes on with.
-- Safe to repeat: reads only.
-- Fragments: quarantine
-- Parameters: event
SELECT id
FROM {{ quarantine }}
WHERE
    contains(raw, :event)
    AND contains(
        ' ' || regexp_replace(raw, '[^A-Za-z0-9_-]', ' ') || ' ',
        ' ' || regexp_replace(:event, '[^A-Za-z0-9_-]', ' ') || ' '
    )
    AND state <> 'undone';
