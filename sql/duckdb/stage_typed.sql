-- The rows of one event type that can be loaded: typed columns, and what no column holds.
-- The loader's own columns begin with an underscore, which no field's column does.
-- Safe to repeat: reads only; used within other statements.
-- Fragments: more_columns, rescued, type_no
-- Parameters: none
SELECT
    r.seq AS _seq, r.drop_no AS _drop_no, r.drop_id AS _drop_id, r.row_no AS _row_no, k._key
    {{ more_columns }}, {{ rescued }} AS _rescued
FROM staged_rows AS r
INNER JOIN staged_keys AS k ON r.seq = k.seq
WHERE k.type_no = {{ type_no }};
