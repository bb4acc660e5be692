-- What a JSON document says, whatever the order of its members and the spelling of its numbers.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_json_value(x) AS (
    SELECT list(fullkey || ' ' || coalesce(number_text, type || coalesce(' ' || atom::VARCHAR, '')) ORDER BY fullkey)
    FROM (
        SELECT *, CASE WHEN type IN ('UBIGINT', 'BIGINT', 'DOUBLE') THEN atom::DOUBLE::VARCHAR END AS number_text
        FROM json_tree(x)
    )
);
