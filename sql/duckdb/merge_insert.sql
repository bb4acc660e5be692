-- Put in the rows whose event is not there, and those that replace an older one.
-- Safe to repeat: what is there is a duplicate and left out.
-- Fragments: table, columns, rows
-- Parameters: version, now
INSERT INTO {{ table }} ({{ columns }}, "_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued")
SELECT {{ columns }}, r._key, r._drop_id, r._row_no, :version, :now, r._rescued
FROM ({{ rows }}) AS r
ANTI JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq;
