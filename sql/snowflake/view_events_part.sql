-- One event type's part of the view over all events.
-- Safe to repeat: reads only; used within the view.
-- Fragments: columns, rest, table
-- Parameters: none
SELECT {{ columns }}, {{ rest }} AS rest FROM {{ table }};
