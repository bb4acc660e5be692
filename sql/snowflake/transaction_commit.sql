-- Keep what was done since the transaction began.
-- Safe to repeat: the ledger tells whether it was carried out, should the answer get lost.
-- Fragments: none
-- Parameters: none
COMMIT;
