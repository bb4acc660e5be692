-- The rows of a shape that are too old to be loaded: by the time at which they happened, else by that at which their
-- drop was delivered.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: rows, row_joins, event_time
-- Parameters: message
INSERT INTO staged_faults
SELECT n.seq, n.drop_no, n.row_no, n.type_no, 'expired', NULL, :message
FROM (
    SELECT r.seq, r.drop_no, r.row_no, r.type_no, {{ event_time }} AS event_time
    FROM {{ rows }} AS r
    {{ row_joins }}
) AS n
INNER JOIN staged_limits AS s ON n.drop_no = s.drop_no AND n.type_no = s.type_no
WHERE coalesce(n.event_time, s.delivered) < s.kept_from;
