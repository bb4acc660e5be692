-- The rows of JSON drops: the text of each field, NULL where there is none, and what kind of value it is. "odd" marks
-- what is no object, or comes of another version of the drop than was listed.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: table, fields, most, depth, slots
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE {{ table }} AS
SELECT
    {{ fields }} * 1099511627776 + d.drop_no * 1073741824 + r.row_no AS seq,
    d.drop_no,
    d.drop_id,
    r.row_no,
    d.forced_no,
    d.default_no,
    coalesce(
        typeof(r.body) <> 'OBJECT'
        OR length(to_json(r.body)) > {{ most }}
        OR length(translate(to_json(r.body), '{[', '')) < length(to_json(r.body)) - {{ depth }}
        OR date_trunc('second', r.modified) <> d.modified,
        TRUE
    ) AS odd,
    {{ slots }}
FROM external_documents AS r
INNER JOIN external_files AS d ON r.file = d.file
WHERE d.fields = {{ fields }};
