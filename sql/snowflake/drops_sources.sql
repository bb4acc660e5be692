-- The sources of which the ledger knows drops.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: none
SELECT DISTINCT source FROM {{ drops }} ORDER BY source;
