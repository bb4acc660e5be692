-- Rows whose key the table holds. Of the table only the key column is read, and only of the time that the batch is
-- about where keys follow from the content, time included: then no other row can have such a key.
-- Safe to repeat: touches only a temporary table.
-- Fragments: table, event_time
-- Parameters: type_no, earliest, latest
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, repeated)
SELECT k.seq, k.drop_no, k.row_no, k.type_no, k._key, false
FROM staged_keys AS k
LEFT JOIN staged_duplicates AS d ON k.seq = d.seq
WHERE
    k.type_no = :type_no
    AND d.seq IS NULL
    AND k._key IN (
        SELECT t."_KEY"
        FROM {{ table }} AS t
        INNER JOIN (SELECT DISTINCT _key FROM staged_keys WHERE type_no = :type_no) AS s ON t."_KEY" = s._key
        WHERE
            :earliest IS NULL
            OR {{ event_time }} IS NULL
            OR {{ event_time }} BETWEEN :earliest::TIMESTAMP_NTZ AND :latest::TIMESTAMP_NTZ
    );
