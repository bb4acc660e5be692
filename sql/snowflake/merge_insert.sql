-- Put in the rows whose event is not there, and those that replace an older one. It locks the table; a row that
-- somebody else put in meanwhile is not put in again, and the count of those put in tells of it.
-- Safe to repeat: what is there is left as it is.
-- Fragments: table, columns, values, rows, event_time
-- Parameters: version, now, earliest, latest
MERGE INTO {{ table }} AS t
USING (
    SELECT r.*
    FROM ({{ rows }}) AS r
    LEFT JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq
    WHERE d.seq IS NULL
    QUALIFY row_number() OVER (PARTITION BY r._key ORDER BY r._seq) = 1
) AS s
    ON
        t."_KEY" = s._key
        AND (
            :earliest IS NULL
            OR {{ event_time }} IS NULL
            OR {{ event_time }} BETWEEN :earliest::TIMESTAMP_NTZ AND :latest::TIMESTAMP_NTZ
        )
WHEN NOT MATCHED THEN INSERT
    ({{ columns }}, "_KEY", "_DROP_ID", "_ROW", "_SCHEMA_VERSION", "_LOADED_AT", "_RESCUED")
VALUES
({{ values }}, s._key, s._drop_id, s._row_no, :version, :now::TIMESTAMP_NTZ, s._rescued);
