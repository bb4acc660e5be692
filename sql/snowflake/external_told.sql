-- Where an external stage leads.
-- Safe to repeat: reads only.
-- Fragments: stage
-- Parameters: none
DESCRIBE STAGE {{ stage }};
