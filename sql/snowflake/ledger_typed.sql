-- The drops that have rows of one event type in a table.
-- Safe to repeat: reads only.
-- Fragments: table, column_name, event_type
-- Parameters: event_type
SELECT DISTINCT {{ column_name }} FROM {{ table }} WHERE {{ event_type }} = :event_type;
