-- Whether one event type has duplicates that were not compared yet.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: type_no
SELECT 1 FROM staged_duplicates WHERE type_no = :type_no AND fate IS NULL LIMIT 1;
