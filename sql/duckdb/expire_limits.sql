-- From when on events are kept, by source and event type, and whether older ones are to be removed now. Without a time
-- they are kept for ever; the event type is empty for rows whose type nobody knows.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: source, event_type, kept_from, chosen
CREATE OR REPLACE TEMP TABLE expire_limits AS
SELECT
    unnest(:source::VARCHAR[]) AS source,
    unnest(:event_type::VARCHAR[]) AS event_type,
    unnest(:kept_from::TIMESTAMP[]) AS kept_from,
    unnest(:chosen::BOOLEAN[]) AS chosen;
