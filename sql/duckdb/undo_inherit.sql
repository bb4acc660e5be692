-- A row that has taken over its event is a duplicate no more.
-- Safe to repeat: within the transaction that hands the events over.
-- Fragments: duplicates
-- Parameters: table_name
DELETE FROM {{ duplicates }}
WHERE
    table_name = :table_name
    AND (event_key, drop_id, row_no) IN (SELECT (event_key, drop_id, row_no) FROM undo_heirs);
