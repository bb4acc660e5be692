-- Who did what: the event tables that a marketing view reads, and how its contacts are told apart.
-- Safe to repeat: reads only; used within the views.
-- Fragments: parts
-- Parameters: none
SELECT
    *,
    coalesce(contact_id::VARCHAR, lower(email), mobile_number) AS contact
FROM (
    {{ parts }}
) AS p;
