-- The keys of the rows of an event type, and when each was delivered.
-- Safe to repeat: fills a temporary table of this session, which was made anew.
-- Fragments: table, stamp
-- Parameters: number
INSERT INTO staged_keys (seq, drop_no, row_no, type_no, _key, stamp)
SELECT r._seq, r._drop_no, r._row_no, :number, r._key, {{ stamp }}
FROM {{ table }} AS r;
