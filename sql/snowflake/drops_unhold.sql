-- Forget the held drops of a source that are held no more: gone, or written on.
-- Safe to repeat: what is loaded, quarantined or failed is never touched.
-- Fragments: table
-- Parameters: source, drop_id
DELETE FROM {{ table }}
WHERE
    source = :source
    AND state = 'held'
    AND drop_id NOT IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);
