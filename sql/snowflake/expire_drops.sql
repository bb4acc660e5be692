-- Remove from the ledger what drops that were delivered too long ago may have said: of those that are set aside as a
-- whole the message, which may quote them, and the header, which is a row where there is none.
-- Safe to repeat: it is removed already then.
-- Fragments: drops
-- Parameters: message
UPDATE {{ drops }} AS d
SET
    header = NULL,
    message = CASE d.state WHEN 'quarantined' THEN d.error || '; ' || :message ELSE d.message END
FROM expire_limits AS e
WHERE
    d.source = e.source
    AND e.event_type = ''
    AND e.chosen
    AND d.modified < e.kept_from
    AND (d.header IS NOT NULL OR (d.state = 'quarantined' AND d.message <> d.error || '; ' || :message));
