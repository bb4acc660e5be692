-- Forget what rows of drops said that are taken out.
-- Safe to repeat: within the transaction that does so.
-- Fragments: digests
-- Parameters: drop_id
DELETE FROM {{ digests }} WHERE drop_id IN (SELECT unnest(:drop_id::VARCHAR[]));
