-- Take out the events that only drops to be undone carried.
-- Safe to repeat: finds nothing the second time.
-- Fragments: table
-- Parameters: drop_id
DELETE FROM {{ table }} WHERE "_drop_id" IN (SELECT unnest(:drop_id::VARCHAR[]));
