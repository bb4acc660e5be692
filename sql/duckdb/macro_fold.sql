-- What two spellings of one name share: eventId, EVENT_ID and "event id".
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_fold(x) AS lower(regexp_replace(x, '[-_.\s]+', '', 'g'));
