-- Mask the different values of a column that has each many times.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: table, rows, text, masked
-- Parameters: none
CREATE OR REPLACE TEMP TABLE {{ table }} AS
SELECT r.raw, {{ masked }} AS masked
FROM (SELECT DISTINCT {{ text }} AS raw FROM ({{ rows }}) AS r WHERE {{ text }} IS NOT NULL) AS r
CROSS JOIN pii_key AS k;
