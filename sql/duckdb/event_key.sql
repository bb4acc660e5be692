-- The key of an event by its id; NULL where that only stands for "no id".
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: event
SELECT firehose_key(:event::VARCHAR)::VARCHAR;
