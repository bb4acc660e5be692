-- Rows of one event type and shape with their personal data masked, before anything is stored.
-- Safe to repeat: reads only; used within other statements.
-- Fragments: rows, more_columns, rescued, row_joins
-- Parameters: none
SELECT r._seq, r._drop_no, r._drop_id, r._row_no, r._key {{ more_columns }}, {{ rescued }} AS _rescued
FROM ({{ rows }}) AS r
CROSS JOIN pii_key AS k
{{ row_joins }};
