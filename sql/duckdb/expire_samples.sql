-- Remove the samples of fields that came with drops which were delivered too long ago.
-- Safe to repeat: they are removed already then.
-- Fragments: schemas, drops
-- Parameters: none
UPDATE {{ schemas }} AS s
SET sample = NULL
FROM (
    SELECT d.drop_id, e.event_type
    FROM {{ drops }} AS d
    INNER JOIN expire_limits AS e ON d.source = e.source
    WHERE e.chosen AND d.modified < e.kept_from
) AS n
WHERE s.first_drop_id = n.drop_id AND s.event_type = n.event_type AND s.sample IS NOT NULL;
