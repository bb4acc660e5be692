-- Remove the headers of drops that name people who are forgotten.
-- Safe to repeat: they are removed already then.
-- Fragments: drops
-- Parameters: drop_id
UPDATE {{ drops }} SET header = NULL WHERE drop_id IN (
    SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l
);
