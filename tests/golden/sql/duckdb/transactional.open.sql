-- table_create
CREATE TABLE IF NOT EXISTS "dotdigital"."transactional_open" (
    "event_id" VARCHAR,
    "event_type" VARCHAR,
    "event_date" TIMESTAMP,
    "processed_date" TIMESTAMP,
    "account_id" BIGINT,
    "contact_id" BIGINT,
    "email" VARCHAR,
    "campaign_id" BIGINT,
    "campaign_name" VARCHAR,
    "mail_client" VARCHAR,
    "mail_client_version" VARCHAR,
    "ip_address" VARCHAR,
    "user_agent" VARCHAR,
    "data" JSON,
    "_key" UUID NOT NULL,
    "_drop_id" VARCHAR NOT NULL,
    "_row" BIGINT NOT NULL,
    "_schema_version" VARCHAR NOT NULL,
    "_loaded_at" TIMESTAMP NOT NULL,
    "_rescued" JSON
);

-- stage_keys
CREATE OR REPLACE TEMP TABLE staged_keys AS
SELECT r.seq, r.drop_no, r.row_no, r.type_no, firehose_key(r."f0") AS _key, firehose_timestamp(r."f3") AS stamp
FROM staged_rows AS r
ANTI JOIN staged_faults AS f ON r.seq = f.seq;

-- merge_insert
INSERT INTO "dotdigital"."transactional_open" ("event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "email", "campaign_id", "campaign_name", "mail_client", "mail_client_version", "ip_address", "user_agent", "data", "_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued")
SELECT "event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "email", "campaign_id", "campaign_name", "mail_client", "mail_client_version", "ip_address", "user_agent", "data", r._key, r._drop_id, r._row_no, $version, $now, r._rescued
FROM (SELECT
    r.seq AS _seq, r.drop_no AS _drop_no, r.drop_id AS _drop_id, r.row_no AS _row_no, k._key
    , r."f0" AS "event_id", 'transactional.open' AS "event_type", firehose_timestamp(r."f2") AS "event_date", firehose_timestamp(r."f3") AS "processed_date", firehose_integer(r."f4") AS "account_id", firehose_integer(r."f5") AS "contact_id", r."f6" AS "email", firehose_integer(r."f7") AS "campaign_id", r."f8" AS "campaign_name", r."f9" AS "mail_client", r."f10" AS "mail_client_version", r."f11" AS "ip_address", r."f12" AS "user_agent", firehose_json(r."f13") AS "data", CASE WHEN r."f1" IS NOT NULL OR CASE WHEN firehose_timestamp(r."f2") IS NULL THEN firehose_said(r."f2") IS NOT NULL ELSE false END OR CASE WHEN firehose_timestamp(r."f3") IS NULL THEN firehose_said(r."f3") IS NOT NULL ELSE false END OR CASE WHEN firehose_integer(r."f4") IS NULL THEN firehose_said(r."f4") IS NOT NULL ELSE false END OR CASE WHEN firehose_integer(r."f5") IS NULL THEN firehose_said(r."f5") IS NOT NULL ELSE false END OR CASE WHEN firehose_integer(r."f7") IS NULL THEN firehose_said(r."f7") IS NOT NULL ELSE false END OR CASE WHEN firehose_json(r."f13") IS NULL THEN firehose_said(r."f13") IS NOT NULL ELSE false END THEN to_json(map_from_entries(list_filter([{'k': 'eventType', 'v': CASE WHEN r."f1" IS NOT NULL THEN r."f1" END}, {'k': 'eventDate', 'v': CASE WHEN CASE WHEN firehose_timestamp(r."f2") IS NULL THEN firehose_said(r."f2") IS NOT NULL ELSE false END THEN r."f2" END}, {'k': 'processedDate', 'v': CASE WHEN CASE WHEN firehose_timestamp(r."f3") IS NULL THEN firehose_said(r."f3") IS NOT NULL ELSE false END THEN r."f3" END}, {'k': 'accountId', 'v': CASE WHEN CASE WHEN firehose_integer(r."f4") IS NULL THEN firehose_said(r."f4") IS NOT NULL ELSE false END THEN r."f4" END}, {'k': 'contactId', 'v': CASE WHEN CASE WHEN firehose_integer(r."f5") IS NULL THEN firehose_said(r."f5") IS NOT NULL ELSE false END THEN r."f5" END}, {'k': 'campaignId', 'v': CASE WHEN CASE WHEN firehose_integer(r."f7") IS NULL THEN firehose_said(r."f7") IS NOT NULL ELSE false END THEN r."f7" END}, {'k': 'data', 'v': CASE WHEN CASE WHEN firehose_json(r."f13") IS NULL THEN firehose_said(r."f13") IS NOT NULL ELSE false END THEN r."f13" END}], lambda e: e.v IS NOT NULL))) END AS _rescued
FROM staged_rows AS r
INNER JOIN staged_keys AS k ON r.seq = k.seq
WHERE k.type_no = 27) AS r
ANTI JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq;

