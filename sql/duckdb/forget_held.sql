-- Remove rows from the quarantine of people who are forgotten. Those that accounted for a row are put in again,
-- without what they said.
-- Safe to repeat: finds nothing the second time.
-- Fragments: quarantine
-- Parameters: ids
DELETE FROM {{ quarantine }}
WHERE row_no IS NOT NULL AND id IN (SELECT unnest(:ids::VARCHAR[]));
