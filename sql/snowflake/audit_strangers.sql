-- Rows in one table of drops that the ledger does not know, and how many there are.
-- Safe to repeat: reads only.
-- Fragments: table, column_name, row_no, drops
-- Parameters: at_most
SELECT t.drop_id, t.row_no, count(*) OVER () AS of_all
FROM (SELECT {{ column_name }} AS drop_id, {{ row_no }} AS row_no FROM {{ table }}) AS t
LEFT JOIN {{ drops }} AS d ON t.drop_id = d.drop_id
WHERE d.drop_id IS NULL
QUALIFY row_number() OVER (ORDER BY t.drop_id, t.row_no) <= :at_most
ORDER BY t.drop_id, t.row_no;
