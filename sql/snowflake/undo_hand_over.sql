-- Hand events over to another drop that carried them.
-- Safe to repeat: within the transaction that takes the first drop out.
-- Fragments: table
-- Parameters: none
UPDATE {{ table }} AS t
SET
    "_DROP_ID" = h.drop_id, "_ROW" = h.row_no, "_SCHEMA_VERSION" = h.schema_version, "_LOADED_AT" = h.finished_at
FROM undo_heirs AS h
WHERE t."_KEY" = h.event_key;
