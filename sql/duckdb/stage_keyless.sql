-- The event types of a shape that have rows without an event id.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: first_seq, end_seq
SELECT DISTINCT type_no FROM staged_keys WHERE _key IS NULL AND seq >= :first_seq AND seq < :end_seq;
