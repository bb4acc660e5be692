-- table_create
CREATE TABLE IF NOT EXISTS "DOTDIGITAL"."TRANSACTIONAL_CLICK" (
    "EVENT_ID" VARCHAR,
    "EVENT_TYPE" VARCHAR,
    "EVENT_DATE" TIMESTAMP_NTZ,
    "PROCESSED_DATE" TIMESTAMP_NTZ,
    "ACCOUNT_ID" NUMBER(38,0),
    "CONTACT_ID" NUMBER(38,0),
    "EMAIL" VARCHAR,
    "CAMPAIGN_ID" NUMBER(38,0),
    "CAMPAIGN_NAME" VARCHAR,
    "URL" VARCHAR,
    "IP_ADDRESS" VARCHAR,
    "USER_AGENT" VARCHAR,
    "DATA" VARIANT,
    "_KEY" VARCHAR(36) NOT NULL,
    "_DROP_ID" VARCHAR NOT NULL,
    "_ROW" NUMBER(38, 0) NOT NULL,
    "_SCHEMA_VERSION" VARCHAR NOT NULL,
    "_LOADED_AT" TIMESTAMP_NTZ NOT NULL,
    "_RESCUED" VARIANT
);

-- scratch_rows
CREATE OR REPLACE TEMPORARY TABLE "STAGED_ROWS_0" (
    "_SEQ" NUMBER(38,0),
    "_DROP_NO" NUMBER(38,0),
    "_DROP_ID" VARCHAR,
    "_ROW_NO" NUMBER(38,0),
    "_KEY" VARCHAR,
    "EVENT_ID" VARCHAR,
    "EVENT_TYPE" VARCHAR,
    "EVENT_DATE" TIMESTAMP_NTZ,
    "PROCESSED_DATE" TIMESTAMP_NTZ,
    "ACCOUNT_ID" NUMBER(38,0),
    "CONTACT_ID" NUMBER(38,0),
    "EMAIL" VARCHAR,
    "CAMPAIGN_ID" NUMBER(38,0),
    "CAMPAIGN_NAME" VARCHAR,
    "URL" VARCHAR,
    "IP_ADDRESS" VARCHAR,
    "USER_AGENT" VARCHAR,
    "DATA" VARCHAR,
    "_RESCUED" VARCHAR
);

-- merge_insert
MERGE INTO "DOTDIGITAL"."TRANSACTIONAL_CLICK" AS t
USING (
    SELECT r.*
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "URL", "IP_ADDRESS", "USER_AGENT", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
    LEFT JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq
    WHERE d.seq IS NULL
    QUALIFY row_number() OVER (PARTITION BY r._key ORDER BY r._seq) = 1
) AS s
    ON
        t."_KEY" = s._key
        AND (
            :earliest IS NULL
            OR t."EVENT_DATE" IS NULL
            OR t."EVENT_DATE" BETWEEN :earliest::TIMESTAMP_NTZ AND :latest::TIMESTAMP_NTZ
        )
WHEN NOT MATCHED THEN INSERT
    ("EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "URL", "IP_ADDRESS", "USER_AGENT", "DATA", "_KEY", "_DROP_ID", "_ROW", "_SCHEMA_VERSION", "_LOADED_AT", "_RESCUED")
VALUES
(s."EVENT_ID", s."EVENT_TYPE", s."EVENT_DATE", s."PROCESSED_DATE", s."ACCOUNT_ID", s."CONTACT_ID", s."EMAIL", s."CAMPAIGN_ID", s."CAMPAIGN_NAME", s."URL", s."IP_ADDRESS", s."USER_AGENT", s."DATA", s._key, s._drop_id, s._row_no, :version, :now::TIMESTAMP_NTZ, s._rescued);

-- merge_judge
UPDATE staged_duplicates
SET
    fate = CASE WHEN judged.field IS NULL THEN 'identical' ELSE 'conflicting' END,
    field = judged.field
FROM (
    SELECT r._seq, CASE WHEN r."EVENT_DATE" <> t."EVENT_DATE" THEN 'eventDate' WHEN r."ACCOUNT_ID" <> t."ACCOUNT_ID" THEN 'accountId' WHEN r."CONTACT_ID" <> t."CONTACT_ID" THEN 'contactId' WHEN r."EMAIL" <> t."EMAIL" AND TO_JSON(REGEXP_SUBSTR_ALL(r."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."EMAIL" IS DISTINCT FROM REGEXP_SUBSTR(LOWER(TRIM(t."EMAIL", ' >' || ' ' || CHR(9) || CHR(10) || CHR(13))), '@([^@[:space:]<>"''(),:;/?&#]+)$', 1, 1, 'e', 1) AND t."EMAIL" IS DISTINCT FROM REGEXP_SUBSTR(LOWER(TRIM(r."EMAIL", ' >' || ' ' || CHR(9) || CHR(10) || CHR(13))), '@([^@[:space:]<>"''(),:;/?&#]+)$', 1, 1, 'e', 1) THEN 'email' WHEN r."CAMPAIGN_ID" <> t."CAMPAIGN_ID" THEN 'campaignId' WHEN r."CAMPAIGN_NAME" <> t."CAMPAIGN_NAME" AND TO_JSON(REGEXP_SUBSTR_ALL(r."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'campaignName' WHEN r."URL" <> t."URL" AND TO_JSON(REGEXP_SUBSTR_ALL(r."URL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."URL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."URL" IS DISTINCT FROM COALESCE(REGEXP_SUBSTR(LOWER(t."URL"), '^[[:space:]]*((mailto|tel|sms|sip):)', 1, 1, 'e', 1), REGEXP_REPLACE(REGEXP_SUBSTR(TRIM(t."URL"), '^([^?#]*)', 1, 1, 'e', 1), '://[^/]*@', '://')) AND t."URL" IS DISTINCT FROM COALESCE(REGEXP_SUBSTR(LOWER(r."URL"), '^[[:space:]]*((mailto|tel|sms|sip):)', 1, 1, 'e', 1), REGEXP_REPLACE(REGEXP_SUBSTR(TRIM(r."URL"), '^([^?#]*)', 1, 1, 'e', 1), '://[^/]*@', '://')) THEN 'url' WHEN r."IP_ADDRESS" <> t."IP_ADDRESS" AND TO_JSON(REGEXP_SUBSTR_ALL(r."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."IP_ADDRESS" IS DISTINCT FROM CASE WHEN REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) IS NOT NULL THEN REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) || '.0/24' WHEN REGEXP_COUNT(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(%[a-z0-9_]+|/48)?$', 1, 'c') > 0 THEN REGEXP_REPLACE(REGEXP_REPLACE(COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 1), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 2), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 3), '0'), ''), '0'), '(:0)+$', ''), '^0$', '') || '::/48' END AND t."IP_ADDRESS" IS DISTINCT FROM CASE WHEN REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) IS NOT NULL THEN REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) || '.0/24' WHEN REGEXP_COUNT(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(%[a-z0-9_]+|/48)?$', 1, 'c') > 0 THEN REGEXP_REPLACE(REGEXP_REPLACE(COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 1), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 2), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 3), '0'), ''), '0'), '(:0)+$', ''), '^0$', '') || '::/48' END THEN 'ipAddress' WHEN r."USER_AGENT" <> t."USER_AGENT" AND TO_JSON(REGEXP_SUBSTR_ALL(r."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."USER_AGENT" IS DISTINCT FROM CASE WHEN TRIM(t."USER_AGENT") = '' THEN NULL WHEN REGEXP_COUNT(t."USER_AGENT", 'bot([^a-z0-9_]|$)|bot/|crawl|spider|^robot$', 1, 'i') > 0 THEN 'Robot' WHEN REGEXP_COUNT(t."USER_AGENT", 'googleimageproxy|^gmail', 1, 'i') > 0 THEN 'Gmail' WHEN REGEXP_COUNT(t."USER_AGENT", 'yahoomailproxy|^yahoo mail', 1, 'i') > 0 THEN 'Yahoo Mail' WHEN REGEXP_COUNT(t."USER_AGENT", 'outlook|msoffice|ms-office', 1, 'i') > 0 THEN 'Outlook' WHEN REGEXP_COUNT(t."USER_AGENT", 'thunderbird', 1, 'i') > 0 THEN 'Thunderbird' WHEN REGEXP_COUNT(t."USER_AGENT", '(^|[^A-Za-z0-9_])Edg(e|A|iOS)?([^A-Za-z0-9_]|$)', 1, 'c') > 0 THEN 'Edge' WHEN REGEXP_COUNT(t."USER_AGENT", '(^|[^A-Za-z0-9_])OPR/|^Opera', 1, 'c') > 0 THEN 'Opera' WHEN REGEXP_COUNT(t."USER_AGENT", 'Samsung ?Browser', 1, 'c') > 0 THEN 'Samsung Browser' WHEN REGEXP_COUNT(t."USER_AGENT", 'Firefox|FxiOS', 1, 'c') > 0 THEN 'Firefox' WHEN REGEXP_COUNT(t."USER_AGENT", 'Chrome|CriOS|Chromium', 1, 'c') > 0 THEN 'Chrome' WHEN REGEXP_COUNT(t."USER_AGENT", 'MSIE|Trident|^Internet Explorer', 1, 'c') > 0 THEN 'Internet Explorer' WHEN REGEXP_COUNT(t."USER_AGENT", 'Safari', 1, 'c') > 0 THEN 'Safari' WHEN REGEXP_COUNT(t."USER_AGENT", 'AppleWebKit|^Apple Mail', 1, 'c') > 0 THEN 'Apple Mail' ELSE 'other' END AND t."USER_AGENT" IS DISTINCT FROM CASE WHEN TRIM(r."USER_AGENT") = '' THEN NULL WHEN REGEXP_COUNT(r."USER_AGENT", 'bot([^a-z0-9_]|$)|bot/|crawl|spider|^robot$', 1, 'i') > 0 THEN 'Robot' WHEN REGEXP_COUNT(r."USER_AGENT", 'googleimageproxy|^gmail', 1, 'i') > 0 THEN 'Gmail' WHEN REGEXP_COUNT(r."USER_AGENT", 'yahoomailproxy|^yahoo mail', 1, 'i') > 0 THEN 'Yahoo Mail' WHEN REGEXP_COUNT(r."USER_AGENT", 'outlook|msoffice|ms-office', 1, 'i') > 0 THEN 'Outlook' WHEN REGEXP_COUNT(r."USER_AGENT", 'thunderbird', 1, 'i') > 0 THEN 'Thunderbird' WHEN REGEXP_COUNT(r."USER_AGENT", '(^|[^A-Za-z0-9_])Edg(e|A|iOS)?([^A-Za-z0-9_]|$)', 1, 'c') > 0 THEN 'Edge' WHEN REGEXP_COUNT(r."USER_AGENT", '(^|[^A-Za-z0-9_])OPR/|^Opera', 1, 'c') > 0 THEN 'Opera' WHEN REGEXP_COUNT(r."USER_AGENT", 'Samsung ?Browser', 1, 'c') > 0 THEN 'Samsung Browser' WHEN REGEXP_COUNT(r."USER_AGENT", 'Firefox|FxiOS', 1, 'c') > 0 THEN 'Firefox' WHEN REGEXP_COUNT(r."USER_AGENT", 'Chrome|CriOS|Chromium', 1, 'c') > 0 THEN 'Chrome' WHEN REGEXP_COUNT(r."USER_AGENT", 'MSIE|Trident|^Internet Explorer', 1, 'c') > 0 THEN 'Internet Explorer' WHEN REGEXP_COUNT(r."USER_AGENT", 'Safari', 1, 'c') > 0 THEN 'Safari' WHEN REGEXP_COUNT(r."USER_AGENT", 'AppleWebKit|^Apple Mail', 1, 'c') > 0 THEN 'Apple Mail' ELSE 'other' END THEN 'userAgent' WHEN r."DATA" <> t."DATA" AND NOT (TYPEOF(r."DATA") = 'OBJECT' AND TYPEOF(t."DATA") = 'OBJECT' AND coalesce(OBJECT_PICK(r."DATA", OBJECT_KEYS(t."DATA")) = OBJECT_PICK(t."DATA", OBJECT_KEYS(r."DATA")), true)) AND TO_JSON(REGEXP_SUBSTR_ALL(r."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'data' WHEN NOT coalesce(OBJECT_PICK(r._rescued, OBJECT_KEYS(t._rescued)) = OBJECT_PICK(t._rescued, OBJECT_KEYS(r._rescued)), true) AND TO_JSON(REGEXP_SUBSTR_ALL(r._rescued::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t._rescued::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN '_rescued' END AS field
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "URL", "IP_ADDRESS", "USER_AGENT", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
    INNER JOIN (
        SELECT seq
        FROM staged_duplicates
        WHERE type_no = :type_no AND bitshiftright(seq, 40) = :part AND fate IS NULL
    ) AS d ON r._seq = d.seq
    INNER JOIN (
        SELECT t."EVENT_ID", t."EVENT_TYPE", t."EVENT_DATE", t."PROCESSED_DATE", t."ACCOUNT_ID", t."CONTACT_ID", t."EMAIL", t."CAMPAIGN_ID", t."CAMPAIGN_NAME", t."URL", t."IP_ADDRESS", t."USER_AGENT", t."DATA", t."_KEY", t."_RESCUED"
        FROM "DOTDIGITAL"."TRANSACTIONAL_CLICK" AS t
        WHERE t."_KEY" IN (SELECT _key FROM staged_duplicates WHERE type_no = :type_no)
    ) AS t ON r._key = t."_KEY"
) AS judged
WHERE staged_duplicates.seq = judged._seq;

-- duplicates_add
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DUPLICATES"
SELECT
    r._drop_id, r._row_no, :event_type, :table_name, r._key, d.fate, d.field, (CASE WHEN r."EVENT_ID" IS DISTINCT FROM t."EVENT_ID" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."EVENT_TYPE" IS DISTINCT FROM t."EVENT_TYPE" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EVENT_TYPE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EVENT_TYPE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."EVENT_DATE" IS NOT DISTINCT FROM t."EVENT_DATE" AND r."PROCESSED_DATE" IS NOT DISTINCT FROM t."PROCESSED_DATE" AND r."ACCOUNT_ID" IS NOT DISTINCT FROM t."ACCOUNT_ID" AND r."CONTACT_ID" IS NOT DISTINCT FROM t."CONTACT_ID" AND CASE WHEN r."EMAIL" IS DISTINCT FROM t."EMAIL" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."CAMPAIGN_ID" IS NOT DISTINCT FROM t."CAMPAIGN_ID" AND CASE WHEN r."CAMPAIGN_NAME" IS DISTINCT FROM t."CAMPAIGN_NAME" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."URL" IS DISTINCT FROM t."URL" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."URL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."URL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."IP_ADDRESS" IS DISTINCT FROM t."IP_ADDRESS" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."USER_AGENT" IS DISTINCT FROM t."USER_AGENT" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."DATA" IS DISTINCT FROM t."DATA" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r._rescued IS DISTINCT FROM t._rescued THEN r._rescued IS NOT DISTINCT FROM t._rescued ELSE true END) AS same, :version
FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "URL", "IP_ADDRESS", "USER_AGENT", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
INNER JOIN (
    SELECT seq, fate, field
    FROM staged_duplicates
    WHERE type_no = :type_no AND fate <> 'updated'
) AS d ON r._seq = d.seq
INNER JOIN "DOTDIGITAL"."TRANSACTIONAL_CLICK" AS t ON r._key = t."_KEY"
WHERE NOT (t."_DROP_ID" = r._drop_id AND t."_ROW" = r._row_no);

