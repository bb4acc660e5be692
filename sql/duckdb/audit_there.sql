-- Note on duplicates that one event table holds their event.
-- Safe to repeat: touches only a temporary table.
-- Fragments: table
-- Parameters: table_name
UPDATE audit_accounts
SET event_there = true
WHERE
    place = 'duplicate'
    AND table_name = :table_name
    AND event_key IN (
        SELECT t."_key"
        FROM {{ table }} AS t
        SEMI JOIN (
            SELECT event_key FROM audit_accounts WHERE place = 'duplicate' AND table_name = :table_name
        ) AS d ON t."_key" = d.event_key
    );
