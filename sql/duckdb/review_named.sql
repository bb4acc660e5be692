-- Which event types the rows name whose event type no schema has.
-- Safe to repeat: reads only.
-- Fragments: table, event_type
-- Parameters: none
SELECT {{ event_type }}, count(*) FROM {{ table }} WHERE firehose_said({{ event_type }}) IS NOT NULL
GROUP BY {{ event_type }} ORDER BY count(*) DESC, {{ event_type }};
