-- meta_names
CREATE TABLE IF NOT EXISTS "DOTDIGITAL"."_FIREHOSE_NAMES" (
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    stored VARCHAR NOT NULL
);

-- names_forget
DELETE FROM "DOTDIGITAL"."_FIREHOSE_NAMES";

-- names_add
INSERT INTO "DOTDIGITAL"."_FIREHOSE_NAMES" (kind, name, stored) VALUES (:kind, :name, :stored);

-- scratch_rows
CREATE OR REPLACE TEMPORARY TABLE "STAGED_ROWS_0" (
    "_SEQ" NUMBER(38,0),
    "_DROP_NO" NUMBER(38,0),
    "_DROP_ID" VARCHAR,
    "_ROW_NO" NUMBER(38,0),
    "_KEY" VARCHAR,
    "dd_eventId" VARCHAR,
    "dd_eventType" VARCHAR,
    "dd_eventDate" TIMESTAMP_NTZ,
    "dd_processedDate" TIMESTAMP_NTZ,
    "dd_accountId" NUMBER(38,0),
    "dd_contactId" NUMBER(38,0),
    "dd_email" VARCHAR,
    "dd_campaignId" NUMBER(38,0),
    "dd_campaignName" VARCHAR,
    "dd_url" VARCHAR,
    "dd_keyword" VARCHAR,
    "dd_groups" VARCHAR,
    "dd_ipAddress" VARCHAR,
    "dd_userAgent" VARCHAR,
    "_RESCUED" VARCHAR
);

-- external_typed
INSERT INTO "STAGED_ROWS_0" (_seq, _drop_no, _drop_id, _row_no, _key, "dd_eventId", "dd_eventType", "dd_eventDate", "dd_processedDate", "dd_accountId", "dd_contactId", "dd_email", "dd_campaignId", "dd_campaignName", "dd_url", "dd_keyword", "dd_groups", "dd_ipAddress", "dd_userAgent", _rescued)
SELECT
    r.seq,
    r.drop_no - :first,
    r.drop_id,
    r.row_no,
    CASE WHEN REGEXP_LIKE(LOWER(r.f0), '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') THEN LOWER(r.f0) ELSE SUBSTR(MD5(TRIM(r.f0)), 1, 8) || '-' || SUBSTR(MD5(TRIM(r.f0)), 9, 4) || '-' || SUBSTR(MD5(TRIM(r.f0)), 13, 4) || '-' || SUBSTR(MD5(TRIM(r.f0)), 17, 4) || '-' || SUBSTR(MD5(TRIM(r.f0)), 21, 12) END,
    r.f0,
    'email.click',
    CASE WHEN REGEXP_LIKE(r.f2, '^.{19,26}[+-][0-9]{2}:[0-9]{2}$') THEN DATEADD('minute', (CASE WHEN SUBSTR(RIGHT(r.f2, 6), 1, 1) = '-' THEN 1 ELSE -1 END) * (TRY_CAST(SUBSTR(RIGHT(r.f2, 6), 2, 2) AS NUMBER(38, 0)) * 60 + TRY_CAST(RIGHT(r.f2, 2) AS NUMBER(38, 0))), TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(r.f2, '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' '))) ELSE TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(r.f2, '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' ')) END,
    CASE WHEN REGEXP_LIKE(r.f3, '^.{19,26}[+-][0-9]{2}:[0-9]{2}$') THEN DATEADD('minute', (CASE WHEN SUBSTR(RIGHT(r.f3, 6), 1, 1) = '-' THEN 1 ELSE -1 END) * (TRY_CAST(SUBSTR(RIGHT(r.f3, 6), 2, 2) AS NUMBER(38, 0)) * 60 + TRY_CAST(RIGHT(r.f3, 2) AS NUMBER(38, 0))), TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(r.f3, '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' '))) ELSE TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(r.f3, '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' ')) END,
    TRY_CAST(r.f4 AS NUMBER(38, 0)),
    TRY_CAST(r.f5 AS NUMBER(38, 0)),
    r.f6,
    TRY_CAST(r.f7 AS NUMBER(38, 0)),
    r.f8,
    r.f9,
    r.f10,
    r.f11,
    r.f12,
    r.f13,
    CASE WHEN CASE WHEN (REGEXP_LIKE(LEFT(r.f3, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f3)) <> 'null') THEN r.f3 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f4, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f4)) <> 'null') THEN r.f4 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f5, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f5)) <> 'null') THEN r.f5 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f7, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f7)) <> 'null') THEN r.f7 END IS NOT NULL THEN TO_JSON(OBJECT_CONSTRUCT('processedDate', CASE WHEN (REGEXP_LIKE(LEFT(r.f3, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f3)) <> 'null') THEN r.f3 END, 'accountId', CASE WHEN (REGEXP_LIKE(LEFT(r.f4, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f4)) <> 'null') THEN r.f4 END, 'contactId', CASE WHEN (REGEXP_LIKE(LEFT(r.f5, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f5)) <> 'null') THEN r.f5 END, 'campaignId', CASE WHEN (REGEXP_LIKE(LEFT(r.f7, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f7)) <> 'null') THEN r.f7 END)) END
FROM external_rows_0 AS r
WHERE r.drop_no BETWEEN :first AND :last AND COALESCE(r.forced_no, CASE WHEN LOWER(TRIM(r.f1)) NOT IN ('', 'null', CHR(92) || 'n') THEN 0 END, r.default_no, 0) = :number;

-- external_keys
INSERT INTO staged_keys (seq, drop_no, row_no, type_no, _key, stamp)
SELECT r._seq, r._drop_no, r._row_no, :number, r._key, r."dd_processedDate"
FROM "STAGED_ROWS_0" AS r;

-- table_create
CREATE TABLE IF NOT EXISTS "DOTDIGITAL"."stg_EmailClick_t" (
    "dd_eventId" VARCHAR,
    "dd_eventType" VARCHAR,
    "dd_eventDate" TIMESTAMP_NTZ,
    "dd_processedDate" TIMESTAMP_NTZ,
    "dd_accountId" NUMBER(38,0),
    "dd_contactId" NUMBER(38,0),
    "dd_email" VARCHAR,
    "dd_campaignId" NUMBER(38,0),
    "dd_campaignName" VARCHAR,
    "dd_url" VARCHAR,
    "dd_keyword" VARCHAR,
    "dd_groups" VARIANT,
    "dd_ipAddress" VARCHAR,
    "dd_userAgent" VARCHAR,
    "dd_data" VARIANT,
    "_KEY" VARCHAR(36) NOT NULL,
    "_DROP_ID" VARCHAR NOT NULL,
    "_ROW" NUMBER(38, 0) NOT NULL,
    "_SCHEMA_VERSION" VARCHAR NOT NULL,
    "_LOADED_AT" TIMESTAMP_NTZ NOT NULL,
    "_RESCUED" VARIANT
);

-- view_create
CREATE OR REPLACE VIEW "DOTDIGITAL"."Events_v" COPY GRANTS AS
SELECT "dd_eventId" AS "EVENT_ID", "dd_eventType" AS "EVENT_TYPE", "dd_eventDate" AS "EVENT_DATE", "dd_processedDate" AS "PROCESSED_DATE", "dd_accountId" AS "ACCOUNT_ID", "dd_contactId" AS "CONTACT_ID", "dd_email" AS "EMAIL", "dd_campaignId" AS "CAMPAIGN_ID", "dd_campaignName" AS "CAMPAIGN_NAME", "_DROP_ID", "_ROW", OBJECT_CONSTRUCT_KEEP_NULL('url', "dd_url", 'keyword', "dd_keyword", 'groups', "dd_groups", 'ip_address', "dd_ipAddress", 'user_agent', "dd_userAgent", 'data', "dd_data") AS rest FROM "DOTDIGITAL"."stg_EmailClick_t";

-- merge_seen
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, repeated)
SELECT k.seq, k.drop_no, k.row_no, k.type_no, k._key, false
FROM staged_keys AS k
LEFT JOIN staged_duplicates AS d ON k.seq = d.seq
WHERE
    k.type_no = :type_no
    AND d.seq IS NULL
    AND k._key IN (
        SELECT t."_KEY"
        FROM "DOTDIGITAL"."stg_EmailClick_t" AS t
        INNER JOIN (SELECT DISTINCT _key FROM staged_keys WHERE type_no = :type_no) AS s ON t."_KEY" = s._key
        WHERE
            :earliest IS NULL
            OR t."dd_eventDate" IS NULL
            OR t."dd_eventDate" BETWEEN :earliest::TIMESTAMP_NTZ AND :latest::TIMESTAMP_NTZ
    );

-- merge_insert
MERGE INTO "DOTDIGITAL"."stg_EmailClick_t" AS t
USING (
    SELECT r.*
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "dd_eventId", "dd_eventType", "dd_eventDate", "dd_processedDate", "dd_accountId", "dd_contactId", "dd_email", "dd_campaignId", "dd_campaignName", "dd_url", "dd_keyword", COALESCE(TRY_PARSE_JSON("dd_groups"), TO_VARIANT("dd_groups")) AS "dd_groups", "dd_ipAddress", "dd_userAgent", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
    LEFT JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq
    WHERE d.seq IS NULL
    QUALIFY row_number() OVER (PARTITION BY r._key ORDER BY r._seq) = 1
) AS s
    ON
        t."_KEY" = s._key
        AND (
            :earliest IS NULL
            OR t."dd_eventDate" IS NULL
            OR t."dd_eventDate" BETWEEN :earliest::TIMESTAMP_NTZ AND :latest::TIMESTAMP_NTZ
        )
WHEN NOT MATCHED THEN INSERT
    ("dd_eventId", "dd_eventType", "dd_eventDate", "dd_processedDate", "dd_accountId", "dd_contactId", "dd_email", "dd_campaignId", "dd_campaignName", "dd_url", "dd_keyword", "dd_groups", "dd_ipAddress", "dd_userAgent", "_KEY", "_DROP_ID", "_ROW", "_SCHEMA_VERSION", "_LOADED_AT", "_RESCUED")
VALUES
(s."dd_eventId", s."dd_eventType", s."dd_eventDate", s."dd_processedDate", s."dd_accountId", s."dd_contactId", s."dd_email", s."dd_campaignId", s."dd_campaignName", s."dd_url", s."dd_keyword", s."dd_groups", s."dd_ipAddress", s."dd_userAgent", s._key, s._drop_id, s._row_no, :version, :now::TIMESTAMP_NTZ, s._rescued);

-- digests_inserted
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DIGESTS"
SELECT
    t."_DROP_ID",
    :table_name,
    count(*),
    bitxor_agg(hash(hash(t."_KEY", BITXOR(BITXOR(BITXOR(BITXOR(hash(hash(t."_RESCUED", '_rescued')), BITXOR(hash(hash(t."dd_accountId", 'account_id')), hash(hash(t."dd_campaignId", 'campaign_id')))), BITXOR(BITXOR(hash(hash(t."dd_campaignName", 'campaign_name')), hash(hash(t."dd_contactId", 'contact_id'))), BITXOR(hash(hash(t."dd_email", 'email')), hash(hash(t."dd_eventDate", 'event_date'))))), BITXOR(BITXOR(BITXOR(hash(hash(t."dd_eventId", 'event_id')), hash(hash(t."dd_eventType", 'event_type'))), BITXOR(hash(hash(t."dd_groups", 'groups')), hash(hash(t."dd_ipAddress", 'ip_address')))), BITXOR(BITXOR(hash(hash(t."dd_keyword", 'keyword')), hash(hash(t."dd_processedDate", 'processed_date'))), BITXOR(hash(hash(t."dd_url", 'url')), hash(hash(t."dd_userAgent", 'user_agent')))))), BITXOR(BITXOR(BITXOR(hash(hash(NULL, '_rescued')), BITXOR(hash(hash(NULL, 'account_id')), hash(hash(NULL, 'campaign_id')))), BITXOR(BITXOR(hash(hash(NULL, 'campaign_name')), hash(hash(NULL, 'contact_id'))), BITXOR(hash(hash(NULL, 'email')), hash(hash(NULL, 'event_date'))))), BITXOR(BITXOR(BITXOR(hash(hash(NULL, 'event_id')), hash(hash(NULL, 'event_type'))), BITXOR(hash(hash(NULL, 'groups')), hash(hash(NULL, 'ip_address')))), BITXOR(BITXOR(hash(hash(NULL, 'keyword')), hash(hash(NULL, 'processed_date'))), BITXOR(hash(hash(NULL, 'url')), hash(hash(NULL, 'user_agent')))))))))),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM "DOTDIGITAL"."stg_EmailClick_t" AS t
WHERE t."_LOADED_AT" = :now::TIMESTAMP_NTZ
GROUP BY t."_DROP_ID";

-- merge_judge
UPDATE staged_duplicates
SET
    fate = CASE WHEN judged.field IS NULL THEN 'identical' ELSE 'conflicting' END,
    field = judged.field
FROM (
    SELECT r._seq, CASE WHEN r."dd_eventDate" <> t."dd_eventDate" THEN 'eventDate' WHEN r."dd_accountId" <> t."dd_accountId" THEN 'accountId' WHEN r."dd_contactId" <> t."dd_contactId" THEN 'contactId' WHEN r."dd_email" <> t."dd_email" AND TO_JSON(REGEXP_SUBSTR_ALL(r."dd_email"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_email"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."dd_email" IS DISTINCT FROM REGEXP_SUBSTR(LOWER(TRIM(t."dd_email", ' >' || ' ' || CHR(9) || CHR(10) || CHR(13))), '@([^@[:space:]<>"''(),:;/?&#]+)$', 1, 1, 'e', 1) AND t."dd_email" IS DISTINCT FROM REGEXP_SUBSTR(LOWER(TRIM(r."dd_email", ' >' || ' ' || CHR(9) || CHR(10) || CHR(13))), '@([^@[:space:]<>"''(),:;/?&#]+)$', 1, 1, 'e', 1) THEN 'email' WHEN r."dd_campaignId" <> t."dd_campaignId" THEN 'campaignId' WHEN r."dd_campaignName" <> t."dd_campaignName" AND TO_JSON(REGEXP_SUBSTR_ALL(r."dd_campaignName"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_campaignName"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'campaignName' WHEN r."dd_url" <> t."dd_url" AND TO_JSON(REGEXP_SUBSTR_ALL(r."dd_url"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_url"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."dd_url" IS DISTINCT FROM COALESCE(REGEXP_SUBSTR(LOWER(t."dd_url"), '^[[:space:]]*((mailto|tel|sms|sip):)', 1, 1, 'e', 1), REGEXP_REPLACE(REGEXP_SUBSTR(TRIM(t."dd_url"), '^([^?#]*)', 1, 1, 'e', 1), '://[^/]*@', '://')) AND t."dd_url" IS DISTINCT FROM COALESCE(REGEXP_SUBSTR(LOWER(r."dd_url"), '^[[:space:]]*((mailto|tel|sms|sip):)', 1, 1, 'e', 1), REGEXP_REPLACE(REGEXP_SUBSTR(TRIM(r."dd_url"), '^([^?#]*)', 1, 1, 'e', 1), '://[^/]*@', '://')) THEN 'url' WHEN r."dd_keyword" <> t."dd_keyword" AND TO_JSON(REGEXP_SUBSTR_ALL(r."dd_keyword"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_keyword"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'keyword' WHEN r."dd_groups" <> t."dd_groups" AND NOT (TYPEOF(r."dd_groups") = 'OBJECT' AND TYPEOF(t."dd_groups") = 'OBJECT' AND coalesce(OBJECT_PICK(r."dd_groups", OBJECT_KEYS(t."dd_groups")) = OBJECT_PICK(t."dd_groups", OBJECT_KEYS(r."dd_groups")), true)) AND TO_JSON(REGEXP_SUBSTR_ALL(r."dd_groups"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_groups"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'groups' WHEN r."dd_ipAddress" <> t."dd_ipAddress" AND TO_JSON(REGEXP_SUBSTR_ALL(r."dd_ipAddress"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_ipAddress"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."dd_ipAddress" IS DISTINCT FROM CASE WHEN REGEXP_SUBSTR(LOWER(TRIM(t."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) IS NOT NULL THEN REGEXP_SUBSTR(LOWER(TRIM(t."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) || '.0/24' WHEN REGEXP_COUNT(LOWER(TRIM(t."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(%[a-z0-9_]+|/48)?$', 1, 'c') > 0 THEN REGEXP_REPLACE(REGEXP_REPLACE(COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(t."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 1), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(t."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 2), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(t."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 3), '0'), ''), '0'), '(:0)+$', ''), '^0$', '') || '::/48' END AND t."dd_ipAddress" IS DISTINCT FROM CASE WHEN REGEXP_SUBSTR(LOWER(TRIM(r."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) IS NOT NULL THEN REGEXP_SUBSTR(LOWER(TRIM(r."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) || '.0/24' WHEN REGEXP_COUNT(LOWER(TRIM(r."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(%[a-z0-9_]+|/48)?$', 1, 'c') > 0 THEN REGEXP_REPLACE(REGEXP_REPLACE(COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(r."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 1), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(r."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 2), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(r."dd_ipAddress", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 3), '0'), ''), '0'), '(:0)+$', ''), '^0$', '') || '::/48' END THEN 'ipAddress' WHEN r."dd_userAgent" <> t."dd_userAgent" AND TO_JSON(REGEXP_SUBSTR_ALL(r."dd_userAgent"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_userAgent"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."dd_userAgent" IS DISTINCT FROM CASE WHEN TRIM(t."dd_userAgent") = '' THEN NULL WHEN REGEXP_COUNT(t."dd_userAgent", 'bot([^a-z0-9_]|$)|bot/|crawl|spider|^robot$', 1, 'i') > 0 THEN 'Robot' WHEN REGEXP_COUNT(t."dd_userAgent", 'googleimageproxy|^gmail', 1, 'i') > 0 THEN 'Gmail' WHEN REGEXP_COUNT(t."dd_userAgent", 'yahoomailproxy|^yahoo mail', 1, 'i') > 0 THEN 'Yahoo Mail' WHEN REGEXP_COUNT(t."dd_userAgent", 'outlook|msoffice|ms-office', 1, 'i') > 0 THEN 'Outlook' WHEN REGEXP_COUNT(t."dd_userAgent", 'thunderbird', 1, 'i') > 0 THEN 'Thunderbird' WHEN REGEXP_COUNT(t."dd_userAgent", '(^|[^A-Za-z0-9_])Edg(e|A|iOS)?([^A-Za-z0-9_]|$)', 1, 'c') > 0 THEN 'Edge' WHEN REGEXP_COUNT(t."dd_userAgent", '(^|[^A-Za-z0-9_])OPR/|^Opera', 1, 'c') > 0 THEN 'Opera' WHEN REGEXP_COUNT(t."dd_userAgent", 'Samsung ?Browser', 1, 'c') > 0 THEN 'Samsung Browser' WHEN REGEXP_COUNT(t."dd_userAgent", 'Firefox|FxiOS', 1, 'c') > 0 THEN 'Firefox' WHEN REGEXP_COUNT(t."dd_userAgent", 'Chrome|CriOS|Chromium', 1, 'c') > 0 THEN 'Chrome' WHEN REGEXP_COUNT(t."dd_userAgent", 'MSIE|Trident|^Internet Explorer', 1, 'c') > 0 THEN 'Internet Explorer' WHEN REGEXP_COUNT(t."dd_userAgent", 'Safari', 1, 'c') > 0 THEN 'Safari' WHEN REGEXP_COUNT(t."dd_userAgent", 'AppleWebKit|^Apple Mail', 1, 'c') > 0 THEN 'Apple Mail' ELSE 'other' END AND t."dd_userAgent" IS DISTINCT FROM CASE WHEN TRIM(r."dd_userAgent") = '' THEN NULL WHEN REGEXP_COUNT(r."dd_userAgent", 'bot([^a-z0-9_]|$)|bot/|crawl|spider|^robot$', 1, 'i') > 0 THEN 'Robot' WHEN REGEXP_COUNT(r."dd_userAgent", 'googleimageproxy|^gmail', 1, 'i') > 0 THEN 'Gmail' WHEN REGEXP_COUNT(r."dd_userAgent", 'yahoomailproxy|^yahoo mail', 1, 'i') > 0 THEN 'Yahoo Mail' WHEN REGEXP_COUNT(r."dd_userAgent", 'outlook|msoffice|ms-office', 1, 'i') > 0 THEN 'Outlook' WHEN REGEXP_COUNT(r."dd_userAgent", 'thunderbird', 1, 'i') > 0 THEN 'Thunderbird' WHEN REGEXP_COUNT(r."dd_userAgent", '(^|[^A-Za-z0-9_])Edg(e|A|iOS)?([^A-Za-z0-9_]|$)', 1, 'c') > 0 THEN 'Edge' WHEN REGEXP_COUNT(r."dd_userAgent", '(^|[^A-Za-z0-9_])OPR/|^Opera', 1, 'c') > 0 THEN 'Opera' WHEN REGEXP_COUNT(r."dd_userAgent", 'Samsung ?Browser', 1, 'c') > 0 THEN 'Samsung Browser' WHEN REGEXP_COUNT(r."dd_userAgent", 'Firefox|FxiOS', 1, 'c') > 0 THEN 'Firefox' WHEN REGEXP_COUNT(r."dd_userAgent", 'Chrome|CriOS|Chromium', 1, 'c') > 0 THEN 'Chrome' WHEN REGEXP_COUNT(r."dd_userAgent", 'MSIE|Trident|^Internet Explorer', 1, 'c') > 0 THEN 'Internet Explorer' WHEN REGEXP_COUNT(r."dd_userAgent", 'Safari', 1, 'c') > 0 THEN 'Safari' WHEN REGEXP_COUNT(r."dd_userAgent", 'AppleWebKit|^Apple Mail', 1, 'c') > 0 THEN 'Apple Mail' ELSE 'other' END THEN 'userAgent' WHEN NOT coalesce(OBJECT_PICK(r._rescued, OBJECT_KEYS(t._rescued)) = OBJECT_PICK(t._rescued, OBJECT_KEYS(r._rescued)), true) AND TO_JSON(REGEXP_SUBSTR_ALL(r._rescued::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t._rescued::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN '_rescued' END AS field
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "dd_eventId", "dd_eventType", "dd_eventDate", "dd_processedDate", "dd_accountId", "dd_contactId", "dd_email", "dd_campaignId", "dd_campaignName", "dd_url", "dd_keyword", COALESCE(TRY_PARSE_JSON("dd_groups"), TO_VARIANT("dd_groups")) AS "dd_groups", "dd_ipAddress", "dd_userAgent", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
    INNER JOIN (
        SELECT seq
        FROM staged_duplicates
        WHERE type_no = :type_no AND bitshiftright(seq, 40) = :part AND fate IS NULL
    ) AS d ON r._seq = d.seq
    INNER JOIN (
        SELECT t."dd_eventId", t."dd_eventType", t."dd_eventDate", t."dd_processedDate", t."dd_accountId", t."dd_contactId", t."dd_email", t."dd_campaignId", t."dd_campaignName", t."dd_url", t."dd_keyword", t."dd_groups", t."dd_ipAddress", t."dd_userAgent", t."_KEY", t."_RESCUED"
        FROM "DOTDIGITAL"."stg_EmailClick_t" AS t
        WHERE t."_KEY" IN (SELECT _key FROM staged_duplicates WHERE type_no = :type_no)
    ) AS t ON r._key = t."_KEY"
) AS judged
WHERE staged_duplicates.seq = judged._seq;

-- duplicates_add
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DUPLICATES"
SELECT
    r._drop_id, r._row_no, :event_type, :table_name, r._key, d.fate, d.field, (CASE WHEN r."dd_eventId" IS DISTINCT FROM t."dd_eventId" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."dd_eventId"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_eventId"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."dd_eventType" IS DISTINCT FROM t."dd_eventType" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."dd_eventType"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_eventType"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."dd_eventDate" IS NOT DISTINCT FROM t."dd_eventDate" AND r."dd_processedDate" IS NOT DISTINCT FROM t."dd_processedDate" AND r."dd_accountId" IS NOT DISTINCT FROM t."dd_accountId" AND r."dd_contactId" IS NOT DISTINCT FROM t."dd_contactId" AND CASE WHEN r."dd_email" IS DISTINCT FROM t."dd_email" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."dd_email"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_email"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."dd_campaignId" IS NOT DISTINCT FROM t."dd_campaignId" AND CASE WHEN r."dd_campaignName" IS DISTINCT FROM t."dd_campaignName" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."dd_campaignName"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_campaignName"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."dd_url" IS DISTINCT FROM t."dd_url" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."dd_url"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_url"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."dd_keyword" IS DISTINCT FROM t."dd_keyword" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."dd_keyword"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_keyword"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."dd_groups" IS DISTINCT FROM t."dd_groups" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."dd_groups"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_groups"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."dd_ipAddress" IS DISTINCT FROM t."dd_ipAddress" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."dd_ipAddress"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_ipAddress"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."dd_userAgent" IS DISTINCT FROM t."dd_userAgent" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."dd_userAgent"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."dd_userAgent"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND t."dd_data" IS NULL AND CASE WHEN r._rescued IS DISTINCT FROM t._rescued THEN r._rescued IS NOT DISTINCT FROM t._rescued ELSE true END) AS same, :version
FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "dd_eventId", "dd_eventType", "dd_eventDate", "dd_processedDate", "dd_accountId", "dd_contactId", "dd_email", "dd_campaignId", "dd_campaignName", "dd_url", "dd_keyword", COALESCE(TRY_PARSE_JSON("dd_groups"), TO_VARIANT("dd_groups")) AS "dd_groups", "dd_ipAddress", "dd_userAgent", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
INNER JOIN (
    SELECT seq, fate, field
    FROM staged_duplicates
    WHERE type_no = :type_no AND fate <> 'updated'
) AS d ON r._seq = d.seq
INNER JOIN "DOTDIGITAL"."stg_EmailClick_t" AS t ON r._key = t."_KEY"
WHERE NOT (t."_DROP_ID" = r._drop_id AND t."_ROW" = r._row_no);

