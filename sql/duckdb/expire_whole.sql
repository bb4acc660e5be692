-- Remove the text of drops that are set aside as a whole and were delivered too long ago; why they are is kept.
-- Safe to repeat: it is removed already then.
-- Fragments: quarantine, drops
-- Parameters: message
UPDATE {{ quarantine }}
SET
    raw = '', context = NULL, field = NULL, message = reason || '; ' || :message,
    state = CASE state WHEN 'held' THEN 'removed' ELSE state END
WHERE
    row_no IS NULL
    AND raw || coalesce(context, '') <> ''
    AND drop_id IN (
        SELECT d.drop_id
        FROM {{ drops }} AS d
        INNER JOIN expire_limits AS e ON d.source = e.source
        WHERE e.event_type = '' AND e.chosen AND d.modified < e.kept_from
    );
