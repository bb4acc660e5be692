-- table_create
CREATE TABLE IF NOT EXISTS "dotdigital"."push_notification_error" (
    "event_id" VARCHAR,
    "event_type" VARCHAR,
    "event_date" TIMESTAMP,
    "processed_date" TIMESTAMP,
    "account_id" BIGINT,
    "contact_id" BIGINT,
    "campaign_id" BIGINT,
    "campaign_name" VARCHAR,
    "message_id" VARCHAR,
    "profile_id" VARCHAR,
    "reason" VARCHAR,
    "data" JSON,
    "_key" UUID NOT NULL,
    "_drop_id" VARCHAR NOT NULL,
    "_row" BIGINT NOT NULL,
    "_schema_version" VARCHAR NOT NULL,
    "_loaded_at" TIMESTAMP NOT NULL,
    "_rescued" JSON
);

-- stage_keys
INSERT INTO staged_keys
SELECT r.seq, r.drop_no, r.row_no, r.type_no, r."f0 key" AS _key, r."f3" AS stamp
FROM "staged_rows_0" AS r
;

-- merge_insert
INSERT INTO "dotdigital"."push_notification_error" ("event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "campaign_id", "campaign_name", "message_id", "profile_id", "reason", "data", "_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued")
SELECT "event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "campaign_id", "campaign_name", "message_id", "profile_id", "reason", "data", r._key, r._drop_id, r._row_no, $version, $now, r._rescued
FROM (SELECT
    r.seq AS _seq, r.drop_no AS _drop_no, r.drop_id AS _drop_id, r.row_no AS _row_no, r."f0 key" AS _key
    , r."f0" AS "event_id", 'pushNotification.error' AS "event_type", r."f2" AS "event_date", r."f3" AS "processed_date", r."f4" AS "account_id", r."f5" AS "contact_id", r."f6" AS "campaign_id", r."f7" AS "campaign_name", r."f8" AS "message_id", r."f9" AS "profile_id", r."f10" AS "reason", r."cast 0" AS "data", CASE WHEN firehose_said(r."f1") IS NOT NULL OR CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f11") IS NOT NULL ELSE false END THEN to_json(map_from_entries(list_filter([{'k': 'eventType', 'v': CASE WHEN firehose_said(r."f1") IS NOT NULL THEN r."f1" END}, {'k': 'data', 'v': CASE WHEN CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f11") IS NOT NULL ELSE false END THEN r."f11" END}], lambda e: e.v IS NOT NULL))) END AS _rescued
FROM (SELECT r.* , firehose_json(r."f11") AS "cast 0" FROM "staged_rows_0" AS r WHERE r.type_no = 15) AS r
) AS r
ANTI JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq;

