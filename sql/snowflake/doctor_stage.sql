-- What a stage is, and where it leads.
-- Safe to repeat: reads only, and needs no warehouse.
-- Fragments: stage
-- Parameters: none
DESCRIBE STAGE {{ stage }};
