-- From when on events are kept, by source and event type, and whether older ones are to be removed now. Without a time
-- they are kept for ever; the event type is empty for rows whose type nobody knows.
-- Rows: source, event_type, kept_from, chosen
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: none
-- Parameters: rows
CREATE OR REPLACE TEMPORARY TABLE expire_limits AS
SELECT
    n.value:source::VARCHAR AS source,
    n.value:event_type::VARCHAR AS event_type,
    n.value:kept_from::TIMESTAMP_NTZ AS kept_from,
    n.value:chosen::BOOLEAN AS chosen
FROM table(flatten(INPUT => parse_json(:rows))) AS n;
