-- The rows of CSV drops with the same header: the text of each field, NULL where there is none. "odd" marks a row that
-- Snowflake may have read otherwise than it was meant, or that comes of another version of the drop than was listed.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: table, fields, odd, slots
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE {{ table }} AS
SELECT
    {{ fields }} * 1099511627776 + d.drop_no * 1073741824 + r.row_no AS seq,
    d.drop_no,
    d.drop_id,
    r.row_no - 1 AS row_no,
    d.forced_no,
    d.default_no,
    coalesce(
        {{ odd }}
        OR date_trunc('second', r.modified) <> d.modified,
        TRUE
    ) AS odd,
    {{ slots }}
FROM external_cells AS r
INNER JOIN external_files AS d ON r.file = d.file
WHERE d.fields = {{ fields }} AND r.row_no > 1;
