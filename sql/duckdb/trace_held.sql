-- The rows in quarantine whose text names an event: its id as a whole, between signs that no id goes on with.
-- Safe to repeat: reads only.
-- Fragments: quarantine
-- Parameters: event
SELECT id
FROM {{ quarantine }}
WHERE
    contains(raw, :event::VARCHAR)
    AND contains(
        ' ' || regexp_replace(raw, '[^\pL\pN_-]', ' ', 'g') || ' ',
        ' ' || regexp_replace(:event::VARCHAR, '[^\pL\pN_-]', ' ', 'g') || ' '
    )
    AND state <> 'undone';
