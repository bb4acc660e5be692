-- table_create
CREATE TABLE IF NOT EXISTS "dotdigital"."email_reply" (
    "event_id" VARCHAR,
    "event_type" VARCHAR,
    "event_date" TIMESTAMP,
    "processed_date" TIMESTAMP,
    "account_id" BIGINT,
    "contact_id" BIGINT,
    "email" VARCHAR,
    "campaign_id" BIGINT,
    "campaign_name" VARCHAR,
    "from_address" VARCHAR,
    "to_address" VARCHAR,
    "subject" VARCHAR,
    "message" VARCHAR,
    "is_html" BOOLEAN,
    "reply_type" VARCHAR,
    "custom_reply_to_address" VARCHAR,
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
INSERT INTO "dotdigital"."email_reply" ("event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "email", "campaign_id", "campaign_name", "from_address", "to_address", "subject", "message", "is_html", "reply_type", "custom_reply_to_address", "data", "_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued")
SELECT "event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "email", "campaign_id", "campaign_name", "from_address", "to_address", "subject", "message", "is_html", "reply_type", "custom_reply_to_address", "data", r._key, r._drop_id, r._row_no, $version, $now, r._rescued
FROM (SELECT
    r.seq AS _seq, r.drop_no AS _drop_no, r.drop_id AS _drop_id, r.row_no AS _row_no, r."f0 key" AS _key
    , r."f0" AS "event_id", 'email.reply' AS "event_type", r."f2" AS "event_date", r."f3" AS "processed_date", r."f4" AS "account_id", r."f5" AS "contact_id", r."f6" AS "email", r."f7" AS "campaign_id", r."f8" AS "campaign_name", r."f9" AS "from_address", r."f10" AS "to_address", r."f11" AS "subject", r."f12" AS "message", r."f13" AS "is_html", r."f14" AS "reply_type", r."f15" AS "custom_reply_to_address", r."cast 0" AS "data", CASE WHEN firehose_said(r."f1") IS NOT NULL OR CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f16") IS NOT NULL ELSE false END THEN to_json(map_from_entries(list_filter([{'k': 'eventType', 'v': CASE WHEN firehose_said(r."f1") IS NOT NULL THEN r."f1" END}, {'k': 'data', 'v': CASE WHEN CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f16") IS NOT NULL ELSE false END THEN r."f16" END}], lambda e: e.v IS NOT NULL))) END AS _rescued
FROM (SELECT r.* , firehose_json(r."f16") AS "cast 0" FROM "staged_rows_0" AS r WHERE r.type_no = 7) AS r
) AS r
ANTI JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq;

