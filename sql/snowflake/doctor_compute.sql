-- Whether the warehouse takes work: this wakes it.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT count(*) AS schemas
FROM information_schema.schemata;
