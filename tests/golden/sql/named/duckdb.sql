-- meta_names
CREATE TABLE IF NOT EXISTS "dotdigital"."_firehose_names" (
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    stored VARCHAR NOT NULL
);

-- names_forget
DELETE FROM "dotdigital"."_firehose_names";

-- names_add
INSERT INTO "dotdigital"."_firehose_names" (kind, name, stored) VALUES ($kind, $name, $stored);

-- table_create
CREATE TABLE IF NOT EXISTS "dotdigital"."stg_EmailClick_t" (
    "dd_eventId" VARCHAR,
    "dd_eventType" VARCHAR,
    "dd_eventDate" TIMESTAMP,
    "dd_processedDate" TIMESTAMP,
    "dd_accountId" BIGINT,
    "dd_contactId" BIGINT,
    "dd_email" VARCHAR,
    "dd_campaignId" BIGINT,
    "dd_campaignName" VARCHAR,
    "dd_url" VARCHAR,
    "dd_keyword" VARCHAR,
    "dd_groups" JSON,
    "dd_ipAddress" VARCHAR,
    "dd_userAgent" VARCHAR,
    "dd_data" JSON,
    "_key" UUID NOT NULL,
    "_drop_id" VARCHAR NOT NULL,
    "_row" BIGINT NOT NULL,
    "_schema_version" VARCHAR NOT NULL,
    "_loaded_at" TIMESTAMP NOT NULL,
    "_rescued" JSON
);

-- view_create
CREATE OR REPLACE VIEW "dotdigital"."Events_v" AS
SELECT "dd_eventId" AS "event_id", "dd_eventType" AS "event_type", "dd_eventDate" AS "event_date", "dd_processedDate" AS "processed_date", "dd_accountId" AS "account_id", "dd_contactId" AS "contact_id", "dd_email" AS "email", "dd_campaignId" AS "campaign_id", "dd_campaignName" AS "campaign_name", "_drop_id", "_row", json_object('url', "dd_url", 'keyword', "dd_keyword", 'groups', "dd_groups", 'ip_address', "dd_ipAddress", 'user_agent', "dd_userAgent", 'data', "dd_data") AS rest FROM "dotdigital"."stg_EmailClick_t";

-- merge_seen
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, place, repeated)
SELECT k.seq, k.drop_no, k.row_no, k.type_no, k._key, held.place, false
FROM staged_keys AS k
INNER JOIN (
    SELECT t."_key", min(t.rowid) AS place
    FROM "dotdigital"."stg_EmailClick_t" AS t
    SEMI JOIN (SELECT _key FROM staged_keys WHERE type_no = $type_no) AS s ON t."_key" = s._key
    GROUP BY t."_key"
) AS held ON k._key = held."_key"
ANTI JOIN staged_duplicates AS d ON k.seq = d.seq
WHERE k.type_no = $type_no;

-- merge_insert
INSERT INTO "dotdigital"."stg_EmailClick_t" ("dd_eventId", "dd_eventType", "dd_eventDate", "dd_processedDate", "dd_accountId", "dd_contactId", "dd_email", "dd_campaignId", "dd_campaignName", "dd_url", "dd_keyword", "dd_groups", "dd_ipAddress", "dd_userAgent", "dd_data", "_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued")
SELECT "dd_eventId", "dd_eventType", "dd_eventDate", "dd_processedDate", "dd_accountId", "dd_contactId", "dd_email", "dd_campaignId", "dd_campaignName", "dd_url", "dd_keyword", "dd_groups", "dd_ipAddress", "dd_userAgent", "dd_data", r._key, r._drop_id, r._row_no, $version, $now, r._rescued
FROM (SELECT _seq, _drop_no, _drop_id, _row_no, _key, _rescued, "event_id" AS "dd_eventId", "event_type" AS "dd_eventType", "event_date" AS "dd_eventDate", "processed_date" AS "dd_processedDate", "account_id" AS "dd_accountId", "contact_id" AS "dd_contactId", "email" AS "dd_email", "campaign_id" AS "dd_campaignId", "campaign_name" AS "dd_campaignName", "url" AS "dd_url", "keyword" AS "dd_keyword", "groups" AS "dd_groups", "ip_address" AS "dd_ipAddress", "user_agent" AS "dd_userAgent", "data" AS "dd_data" FROM (SELECT
    r.seq AS _seq, r.drop_no AS _drop_no, r.drop_id AS _drop_id, r.row_no AS _row_no, r."f0 key" AS _key
    , r."f0" AS "event_id", 'email.click' AS "event_type", r."f2" AS "event_date", r."f3" AS "processed_date", r."f4" AS "account_id", r."f5" AS "contact_id", r."f6" AS "email", r."f7" AS "campaign_id", r."f8" AS "campaign_name", r."f9" AS "url", r."f10" AS "keyword", r."cast 0" AS "groups", r."f12" AS "ip_address", r."f13" AS "user_agent", r."cast 1" AS "data", CASE WHEN firehose_said(r."f1") IS NOT NULL OR CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f11") IS NOT NULL ELSE false END OR CASE WHEN r."cast 1" IS NULL THEN firehose_said(r."f14") IS NOT NULL ELSE false END THEN to_json(map_from_entries(list_filter([{'k': 'eventType', 'v': CASE WHEN firehose_said(r."f1") IS NOT NULL THEN r."f1" END}, {'k': 'groups', 'v': CASE WHEN CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f11") IS NOT NULL ELSE false END THEN r."f11" END}, {'k': 'data', 'v': CASE WHEN CASE WHEN r."cast 1" IS NULL THEN firehose_said(r."f14") IS NOT NULL ELSE false END THEN r."f14" END}], lambda e: e.v IS NOT NULL))) END AS _rescued
FROM (SELECT r.* , firehose_json(r."f11") AS "cast 0", firehose_json(r."f14") AS "cast 1" FROM "staged_rows_0" AS r WHERE r.type_no = 2) AS r
)) AS r
ANTI JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq;

-- digests_inserted
INSERT INTO "dotdigital"."_firehose_digests"
SELECT t."_drop_id", $table_name, count(*), bit_xor(hash(hash(t."_key", xor(xor(xor(xor(xor(hash(hash(t."_rescued", '_rescued')), hash(hash(t."dd_accountId", 'account_id'))), xor(hash(hash(t."dd_campaignId", 'campaign_id')), hash(hash(t."dd_campaignName", 'campaign_name')))), xor(xor(hash(hash(t."dd_contactId", 'contact_id')), hash(hash(t."dd_data", 'data'))), xor(hash(hash(t."dd_email", 'email')), hash(hash(t."dd_eventDate", 'event_date'))))), xor(xor(xor(hash(hash(t."dd_eventId", 'event_id')), hash(hash(t."dd_eventType", 'event_type'))), xor(hash(hash(t."dd_groups", 'groups')), hash(hash(t."dd_ipAddress", 'ip_address')))), xor(xor(hash(hash(t."dd_keyword", 'keyword')), hash(hash(t."dd_processedDate", 'processed_date'))), xor(hash(hash(t."dd_url", 'url')), hash(hash(t."dd_userAgent", 'user_agent')))))), xor(xor(xor(xor(hash(hash(NULL, '_rescued')), hash(hash(NULL, 'account_id'))), xor(hash(hash(NULL, 'campaign_id')), hash(hash(NULL, 'campaign_name')))), xor(xor(hash(hash(NULL, 'contact_id')), hash(hash(NULL, 'data'))), xor(hash(hash(NULL, 'email')), hash(hash(NULL, 'event_date'))))), xor(xor(xor(hash(hash(NULL, 'event_id')), hash(hash(NULL, 'event_type'))), xor(hash(hash(NULL, 'groups')), hash(hash(NULL, 'ip_address')))), xor(xor(hash(hash(NULL, 'keyword')), hash(hash(NULL, 'processed_date'))), xor(hash(hash(NULL, 'url')), hash(hash(NULL, 'user_agent')))))))))), firehose_witness()
FROM "dotdigital"."stg_EmailClick_t" AS t
WHERE t."_loaded_at" = $now::TIMESTAMP
GROUP BY t."_drop_id";

