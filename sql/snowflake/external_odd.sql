-- The drops in which a row of an event type is not plain; they are read on the loader's machine.
-- Safe to repeat: reads only.
-- Fragments: table, type_no, plain
-- Parameters: first, last, number
SELECT DISTINCT r.drop_no
FROM {{ table }} AS r
WHERE
    r.drop_no BETWEEN :first AND :last
    AND {{ type_no }} = :number
    AND NOT coalesce({{ plain }}, FALSE);
