-- Keep where the rows stood that newer ones replace, before they are taken out.
-- Safe to repeat: within the transaction that takes them out.
-- Fragments: duplicates, table
-- Parameters: type_no, event_type, table_name
INSERT INTO {{ duplicates }}
SELECT
    t."_DROP_ID", t."_ROW", :event_type, :table_name, t."_KEY", 'replaced', d.field, false, t."_SCHEMA_VERSION"
FROM {{ table }} AS t
INNER JOIN (
    SELECT _key, field
    FROM staged_duplicates
    WHERE type_no = :type_no AND fate = 'updated'
) AS d ON t."_KEY" = d._key;
