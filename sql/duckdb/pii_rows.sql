-- Mask the personal data in the rows of one event type and shape, before anything is stored.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table, rows, more_columns, rescued, row_joins
-- Parameters: none
CREATE OR REPLACE TEMP TABLE {{ table }} AS
SELECT r._seq, r._drop_no, r._drop_id, r._row_no, r._key {{ more_columns }}, {{ rescued }} AS _rescued
FROM ({{ rows }}) AS r
CROSS JOIN pii_key AS k
{{ row_joins }};
