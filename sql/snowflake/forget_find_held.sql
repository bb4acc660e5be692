-- What is set aside and may name people who are looked for, in whatever state: the letters and digits of its text
-- have those of one of them in it; or it is a row of cells of which one may be the id of a contact.
-- Safe to repeat: reads only.
-- Fragments: quarantine
-- Parameters: needle, ids
SELECT DISTINCT id, drop_id, row_no, event_type, schema_version, reason, state, raw, message, context
FROM (
    SELECT h.*
    FROM (SELECT *, regexp_replace(lower(raw || ' ' || message), '[^a-z0-9]+', '') AS folded FROM {{ quarantine }}) AS h
    INNER JOIN (
        SELECT l.value::VARCHAR AS needle FROM table(flatten(INPUT => parse_json(:needle))) AS l
    ) AS n ON contains(h.folded, n.needle)
    UNION ALL
    SELECT h.*, NULL AS folded
    FROM {{ quarantine }} AS h
    INNER JOIN (
        SELECT l.value::VARCHAR AS one FROM table(flatten(INPUT => parse_json(:ids))) AS l
    ) AS i ON contains(h.raw, i.one)
    WHERE contains(lower(h.context), 'contact')
) AS h;
