-- The rows that could not be loaded. Of those that are too old nothing is kept.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT drop_no, row_no, type_no, reason, field, message FROM staged_faults WHERE reason <> 'expired';
