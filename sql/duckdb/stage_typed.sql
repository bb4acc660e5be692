-- The rows of a shape and of one event type that can be loaded: typed columns, and what no column
-- holds. The loader's own columns begin with an underscore, which no field's column does.
-- Safe to repeat: reads only; used within other statements.
-- What is cast is cast once, in the inner query, however often it is looked at.
-- Fragments: rows, more_casts, row_joins, key, more_columns, rescued, type_no
-- Parameters: none
SELECT
    r.seq AS _seq, r.drop_no AS _drop_no, r.drop_id AS _drop_id, r.row_no AS _row_no, {{ key }} AS _key
    {{ more_columns }}, {{ rescued }} AS _rescued
FROM (SELECT r.* {{ more_casts }} FROM {{ rows }} AS r WHERE r.type_no = {{ type_no }}) AS r
{{ row_joins }};
