-- The plan of an event schema: from the texts of fields to typed columns, key and what no column holds.
-- Safe to repeat: fills a temporary table of this session, which was made anew.
-- Fragments: table, columns, key, values, rescued, of_rows, type_no
-- Parameters: first, last, number
INSERT INTO {{ table }} (_seq, _drop_no, _drop_id, _row_no, _key, {{ columns }}, _rescued)
SELECT
    r.seq,
    r.drop_no - :first,
    r.drop_id,
    r.row_no,
    {{ key }},
    {{ values }},
    {{ rescued }}
FROM {{ of_rows }} AS r
WHERE r.drop_no BETWEEN :first AND :last AND {{ type_no }} = :number;
