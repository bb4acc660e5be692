-- Which event types the rows name whose event type no schema has.
-- Safe to repeat: reads only.
-- Fragments: table, event_type
-- Parameters: none
SELECT {{ event_type }}, count(*)
FROM {{ table }}
WHERE lower(trim({{ event_type }})) NOT IN ('', 'null', '\\n')
GROUP BY {{ event_type }}
ORDER BY count(*) DESC, {{ event_type }};
