-- Have the ledger say of drops that are set aside as a whole why they are, without what they said.
-- Safe to repeat: the same words again.
-- Fragments: drops
-- Parameters: drop_id, message
UPDATE {{ drops }}
SET message = error || '; ' || :message
WHERE state = 'quarantined' AND drop_id IN (
    SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l
);
