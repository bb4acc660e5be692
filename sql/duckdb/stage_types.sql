-- The values of one column that spell an event type.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: types, table, slot
-- Parameters: folded, numbers
CREATE OR REPLACE TEMP TABLE {{ types }} AS
SELECT seen.spelling, known.type_no
FROM (SELECT DISTINCT {{ slot }} AS spelling FROM {{ table }} WHERE length({{ slot }}) <= 100) AS seen
INNER JOIN (
    SELECT
        unnest(:folded::VARCHAR[]) AS folded,
        unnest(:numbers::INTEGER[]) AS type_no
) AS known ON known.folded = firehose_fold(seen.spelling);
