-- Drops that carried events which are to be taken out, in other words than the stored ones.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT key, drop_id, count(*) FROM undo_heirs WHERE NOT same OR fate <> 'identical' GROUP BY key, drop_id ORDER BY key;
