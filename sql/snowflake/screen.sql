-- What decides on rows, as one version: how many people were forgotten; for how many sources and event types old rows
-- were removed, and up to when, as a sum of days; how many keys are in use; how many fields were added to schemas. None
-- of it ever gets less.
-- Safe to repeat: reads only.
-- Fragments: forgotten, retention, keys, schemas
-- Parameters: none
SELECT
    (SELECT count(*) FROM {{ forgotten }}),
    (SELECT count(*) FROM {{ retention }}),
    (SELECT coalesce(sum(datediff('day', '1970-01-01'::TIMESTAMP_NTZ, kept_from)), 0) FROM {{ retention }}),
    (SELECT count(*) FROM {{ keys }}),
    (SELECT count(*) FROM {{ schemas }});
