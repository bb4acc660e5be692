-- The schema versions under which the rows of the drops were read, by table; of what is set aside, by
-- event type.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT DISTINCT drop_id, table_name, CASE WHEN table_name IS NULL THEN event_type END AS event_type, schema_version
FROM audit_accounts
WHERE row_no IS NOT NULL AND schema_version IS NOT NULL AND state IS DISTINCT FROM 'retried'
ORDER BY drop_id, table_name, event_type, schema_version;
