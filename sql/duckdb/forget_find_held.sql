-- What is set aside and may name people who are looked for, in whatever state: the letters and digits of its text
-- have those of one of them in it; or it is a row of cells of which one may be the id of a contact.
-- Safe to repeat: reads only.
-- Fragments: quarantine
-- Parameters: needle, ids
SELECT DISTINCT id, drop_id, row_no, event_type, schema_version, reason, state, raw, message, context
FROM (
    SELECT h.*
    FROM
        (
            SELECT *, regexp_replace(lower(raw || ' ' || message), '[^a-z0-9]+', '', 'g') AS folded
            FROM {{ quarantine }}
        ) AS h
    WHERE regexp_matches(h.folded, array_to_string(:needle::VARCHAR[], '|'))
    UNION ALL
    SELECT h.*, NULL AS folded
    FROM {{ quarantine }} AS h
    INNER JOIN (SELECT unnest(:ids::VARCHAR[]) AS one) AS i ON contains(h.raw, i.one)
    WHERE contains(lower(h.context), 'contact')
) AS h;
