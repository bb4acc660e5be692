-- =================================================================================================
-- email.open
-- =================================================================================================

-- prepare: the schema and the loader's own tables, where they are missing
-- -------------------------------------------------------------------------------------------------

-- session_schema
USE SCHEMA "FIREHOSE";

-- meta_schema
CREATE SCHEMA IF NOT EXISTS "FIREHOSE";

-- table_columns
SELECT table_name, column_name, data_type, numeric_precision, numeric_scale
FROM information_schema.columns
WHERE table_schema = :schema
ORDER BY table_name, ordinal_position;

-- meta_drops
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_DROPS" (
    drop_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    size_bytes NUMBER(38, 0) NOT NULL,
    modified TIMESTAMP_NTZ NOT NULL,
    state VARCHAR NOT NULL,
    attempts NUMBER(38, 0) NOT NULL,
    format VARCHAR,
    compression VARCHAR,
    header ARRAY,
    rows_parsed NUMBER(38, 0) NOT NULL,
    rows_inserted NUMBER(38, 0) NOT NULL,
    rows_updated NUMBER(38, 0) NOT NULL,
    rows_identical NUMBER(38, 0) NOT NULL,
    rows_superseded NUMBER(38, 0) NOT NULL,
    rows_conflicting NUMBER(38, 0) NOT NULL,
    rows_quarantined NUMBER(38, 0) NOT NULL,
    event_rows VARCHAR,
    error VARCHAR,
    message VARCHAR,
    run_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP_NTZ NOT NULL,
    finished_at TIMESTAMP_NTZ NOT NULL,
    rows_expired NUMBER(38, 0)
);

-- meta_runs
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_RUNS" (
    run_id VARCHAR NOT NULL,
    started_at TIMESTAMP_NTZ NOT NULL,
    finished_at TIMESTAMP_NTZ NOT NULL,
    status VARCHAR NOT NULL,
    exit_code NUMBER(38, 0) NOT NULL,
    loader_version VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    costs VARCHAR
);

-- meta_quarantine
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_QUARANTINE" (
    id VARCHAR NOT NULL,
    drop_id VARCHAR NOT NULL,
    row_no NUMBER(38, 0),
    line NUMBER(38, 0),
    byte_offset NUMBER(38, 0),
    event_type VARCHAR,
    schema_version VARCHAR,
    reason VARCHAR NOT NULL,
    field VARCHAR,
    message VARCHAR NOT NULL,
    raw VARCHAR NOT NULL,
    context VARCHAR,
    run_id VARCHAR NOT NULL,
    quarantined_at TIMESTAMP_NTZ NOT NULL,
    state VARCHAR NOT NULL,
    changed_at TIMESTAMP_NTZ
);

-- meta_duplicates
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_DUPLICATES" (
    drop_id VARCHAR NOT NULL,
    row_no NUMBER(38, 0) NOT NULL,
    event_type VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    event_key VARCHAR(36) NOT NULL,
    fate VARCHAR NOT NULL,
    field VARCHAR,
    same BOOLEAN NOT NULL,
    schema_version VARCHAR NOT NULL
);

-- meta_digests
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_DIGESTS" (
    drop_id VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    row_count NUMBER(38, 0) NOT NULL,
    digest NUMBER(38, 0) NOT NULL,
    witness NUMBER(38, 0) NOT NULL
);

-- meta_schemas
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_SCHEMAS" (
    event_type VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    aliases ARRAY NOT NULL,
    column_name VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    rows_seen NUMBER(38, 0) NOT NULL,
    rows_filled NUMBER(38, 0) NOT NULL,
    "SAMPLE" VARCHAR,
    first_drop_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP_NTZ NOT NULL
);

-- meta_archive
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_ARCHIVE" (
    drop_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    moved_to VARCHAR,
    run_id VARCHAR NOT NULL,
    done_at TIMESTAMP_NTZ NOT NULL
);

-- meta_keys
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_KEYS" (
    key_id VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    first_used_at TIMESTAMP_NTZ NOT NULL
);

-- meta_alerts
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_ALERTS" (
    cause VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    event_type VARCHAR,
    message VARCHAR NOT NULL,
    since TIMESTAMP_NTZ NOT NULL,
    told_at TIMESTAMP_NTZ NOT NULL,
    ended_at TIMESTAMP_NTZ
);

-- meta_forgotten
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_FORGOTTEN" (
    pii VARCHAR NOT NULL,
    identifier VARCHAR NOT NULL,
    key_id VARCHAR,
    salt VARCHAR,
    removed VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    forgotten_at TIMESTAMP_NTZ NOT NULL
);

-- meta_retention
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_RETENTION" (
    source VARCHAR NOT NULL,
    event_type VARCHAR NOT NULL,
    kept_from TIMESTAMP_NTZ NOT NULL,
    run_id VARCHAR NOT NULL,
    changed_at TIMESTAMP_NTZ NOT NULL
);

-- meta_expired
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_EXPIRED" (
    drop_id VARCHAR NOT NULL,
    first_row NUMBER(38, 0) NOT NULL,
    last_row NUMBER(38, 0) NOT NULL,
    run_id VARCHAR NOT NULL,
    expired_at TIMESTAMP_NTZ NOT NULL
);

-- meta_claims
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_CLAIMS" (
    source VARCHAR NOT NULL,
    holder VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    since TIMESTAMP_NTZ NOT NULL,
    expires_at TIMESTAMP_NTZ NOT NULL
);

-- meta_versions
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_VERSIONS" (
    version NUMBER(38, 0) NOT NULL,
    loader_version VARCHAR NOT NULL,
    since TIMESTAMP_NTZ NOT NULL
);

-- meta_leases
CREATE TABLE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_LEASES" (
    name VARCHAR NOT NULL,
    holder VARCHAR,
    taken_at TIMESTAMP_NTZ
);

-- leases_add
MERGE INTO "FIREHOSE"."_FIREHOSE_LEASES" AS t
USING (SELECT 'writer' AS name) AS s
    ON t.name = s.name
WHEN NOT MATCHED THEN INSERT (name) VALUES (s.name);

-- meta_stage
CREATE STAGE IF NOT EXISTS "FIREHOSE"."_FIREHOSE_STAGE";

-- versions_add
MERGE INTO "FIREHOSE"."_FIREHOSE_VERSIONS" AS t
USING (SELECT :version AS version, :loader_version AS loader_version, :now::TIMESTAMP_NTZ AS since) AS s
    ON t.version = s.version
WHEN NOT MATCHED THEN INSERT (version, loader_version, since) VALUES (s.version, s.loader_version, s.since);

-- discover: which of the listed drops are new
-- -------------------------------------------------------------------------------------------------

-- listing_no_archive
CREATE OR REPLACE TEMPORARY TABLE "NO_ARCHIVE" (drop_id VARCHAR, done_at TIMESTAMP_NTZ);

-- listing_begin
CREATE OR REPLACE TEMPORARY TABLE "LISTED_1" (
    drop_id VARCHAR, key VARCHAR, version VARCHAR, size_bytes NUMBER(38, 0), modified TIMESTAMP_NTZ
);

-- listing_add
INSERT INTO "LISTED_1"
SELECT
    n.value:drop_id::VARCHAR,
    n.value:key::VARCHAR,
    n.value:version::VARCHAR,
    n.value:size_bytes::NUMBER(38, 0),
    n.value:modified::TIMESTAMP_NTZ
FROM table(flatten(INPUT => parse_json(:rows))) AS n
LEFT JOIN (
    SELECT drop_id
    FROM "FIREHOSE"."_FIREHOSE_DROPS"
    WHERE :new_only AND state IN ('loaded', 'quarantined', 'adopted')
) AS done ON n.value:drop_id::VARCHAR = done.drop_id
WHERE done.drop_id IS NULL;

-- listing_place
CREATE OR REPLACE TEMPORARY TABLE "RANKED_1" (
    place NUMBER(38, 0),
    drop_id VARCHAR,
    key VARCHAR,
    version VARCHAR,
    size_bytes NUMBER(38, 0),
    modified TIMESTAMP_NTZ,
    state VARCHAR,
    first_seen_at TIMESTAMP_NTZ,
    finished_at TIMESTAMP_NTZ,
    rows_parsed NUMBER(38, 0),
    attempts NUMBER(38, 0),
    message VARCHAR,
    earlier BOOLEAN
);

-- listing_rank
INSERT INTO "RANKED_1"
WITH distinct_drops AS (
    SELECT drop_id, key, version, size_bytes, modified
    FROM "LISTED_1"
    QUALIFY row_number() OVER (PARTITION BY drop_id ORDER BY modified, key) = 1
),

same_drop AS (
    SELECT d.drop_id, d.state, d.first_seen_at, d.finished_at, d.rows_parsed, d.attempts, d.message
    FROM "FIREHOSE"."_FIREHOSE_DROPS" AS d
    INNER JOIN distinct_drops AS l ON d.drop_id = l.drop_id
    WHERE d.source = :source
),

same_key AS (
    SELECT DISTINCT key
    FROM "FIREHOSE"."_FIREHOSE_DROPS"
    WHERE source = :source AND state <> 'held'
)

SELECT
    row_number() OVER (ORDER BY l.modified, l.key, l.drop_id) - 1 AS place,
    l.drop_id,
    l.key,
    l.version,
    l.size_bytes,
    l.modified,
    m.state,
    m.first_seen_at,
    CASE WHEN m.state <> 'held' THEN m.finished_at END AS finished_at,
    coalesce(m.rows_parsed, 0) AS rows_parsed,
    coalesce(m.attempts, 0) AS attempts,
    m.message,
    coalesce(m.state, 'held') = 'held' AND k.key IS NOT NULL AS earlier
FROM distinct_drops AS l
LEFT JOIN same_drop AS m ON l.drop_id = m.drop_id
LEFT JOIN same_key AS k ON l.key = k.key;

-- listing_end
DROP TABLE IF EXISTS "LISTED_1";

-- listing_count
SELECT count(*) FROM "RANKED_1";

-- listing_page
SELECT
    drop_id,
    key,
    version,
    size_bytes,
    modified,
    state,
    first_seen_at,
    finished_at,
    rows_parsed,
    attempts,
    message,
    earlier
FROM "RANKED_1"
WHERE place >= :first AND place < :beyond
ORDER BY place;

-- listing_end
DROP TABLE IF EXISTS "RANKED_1";

-- tables: made and widened for the event types of the batch, where that is needed
-- -------------------------------------------------------------------------------------------------

-- table_create
CREATE TABLE IF NOT EXISTS "FIREHOSE"."EMAIL_OPEN" (
    "EVENT_ID" VARCHAR,
    "EVENT_TYPE" VARCHAR,
    "EVENT_DATE" TIMESTAMP_NTZ,
    "PROCESSED_DATE" TIMESTAMP_NTZ,
    "ACCOUNT_ID" NUMBER(38,0),
    "CONTACT_ID" NUMBER(38,0),
    "EMAIL" VARCHAR,
    "CAMPAIGN_ID" NUMBER(38,0),
    "CAMPAIGN_NAME" VARCHAR,
    "MAIL_CLIENT" VARCHAR,
    "MAIL_CLIENT_VERSION" VARCHAR,
    "IP_ADDRESS" VARCHAR,
    "USER_AGENT" VARCHAR,
    "IS_HTML" BOOLEAN,
    "IS_FORWARD" BOOLEAN,
    "DATA" VARIANT,
    "_KEY" VARCHAR(36) NOT NULL,
    "_DROP_ID" VARCHAR NOT NULL,
    "_ROW" NUMBER(38, 0) NOT NULL,
    "_SCHEMA_VERSION" VARCHAR NOT NULL,
    "_LOADED_AT" TIMESTAMP_NTZ NOT NULL,
    "_RESCUED" VARIANT
);

-- table_cluster
ALTER TABLE "FIREHOSE"."EMAIL_OPEN" CLUSTER BY (to_date("EVENT_DATE"));

-- view_columns
SELECT table_name, column_name
FROM information_schema.columns
WHERE table_schema = :schema
ORDER BY table_name, ordinal_position;

-- view_create
CREATE OR REPLACE VIEW "FIREHOSE"."EVENTS" COPY GRANTS AS
SELECT "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "_DROP_ID", "_ROW", OBJECT_CONSTRUCT_KEEP_NULL('mail_client', "MAIL_CLIENT", 'mail_client_version', "MAIL_CLIENT_VERSION", 'ip_address', "IP_ADDRESS", 'user_agent', "USER_AGENT", 'is_html', "IS_HTML", 'is_forward', "IS_FORWARD", 'data', "DATA") AS rest FROM "FIREHOSE"."EMAIL_OPEN";

-- bring: files to the internal stage, and from there into temporary tables
-- -------------------------------------------------------------------------------------------------

-- stage_list
LIST @"FIREHOSE"."_FIREHOSE_STAGE";

-- stage_put
PUT 'file:///spool/*.parquet' @"FIREHOSE"."_FIREHOSE_STAGE"/rehearsal/1/ AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = NONE OVERWRITE = TRUE PARALLEL = 8;

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
    "MAIL_CLIENT" VARCHAR,
    "MAIL_CLIENT_VERSION" VARCHAR,
    "IP_ADDRESS" VARCHAR,
    "USER_AGENT" VARCHAR,
    "IS_HTML" BOOLEAN,
    "IS_FORWARD" BOOLEAN,
    "DATA" VARCHAR,
    "_RESCUED" VARCHAR
);

-- stage_copy
COPY INTO "STAGED_ROWS_0"
FROM @"FIREHOSE"."_FIREHOSE_STAGE"/rehearsal/1/rows_0_
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)
MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
ON_ERROR = ABORT_STATEMENT;

-- type: from texts to the columns of the event types
-- -------------------------------------------------------------------------------------------------

-- scratch_keys
CREATE OR REPLACE TEMPORARY TABLE staged_keys (
    seq NUMBER(38, 0),
    drop_no NUMBER(38, 0),
    row_no NUMBER(38, 0),
    type_no NUMBER(38, 0),
    _key VARCHAR(36),
    stamp TIMESTAMP_NTZ
);

-- stage_copy
COPY INTO staged_keys
FROM @"FIREHOSE"."_FIREHOSE_STAGE"/rehearsal/1/keys_
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)
MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
ON_ERROR = ABORT_STATEMENT;

-- scratch_faults
CREATE OR REPLACE TEMPORARY TABLE staged_faults (
    seq NUMBER(38, 0),
    drop_no NUMBER(38, 0),
    row_no NUMBER(38, 0),
    type_no NUMBER(38, 0),
    reason VARCHAR,
    field VARCHAR,
    message VARCHAR
);

-- stage_copy
COPY INTO staged_faults
FROM @"FIREHOSE"."_FIREHOSE_STAGE"/rehearsal/1/faults_
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)
MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
ON_ERROR = ABORT_STATEMENT;

-- scratch_duplicates
CREATE OR REPLACE TEMPORARY TABLE staged_duplicates (
    seq NUMBER(38, 0),
    drop_no NUMBER(38, 0),
    row_no NUMBER(38, 0),
    type_no NUMBER(38, 0),
    _key VARCHAR(36),
    repeated BOOLEAN,
    fate VARCHAR,
    field VARCHAR
);

-- scratch_retried
CREATE OR REPLACE TEMPORARY TABLE retried_rows (
    id VARCHAR, drop_id VARCHAR, type_no NUMBER(38, 0), field VARCHAR, fate_before VARCHAR, fate VARCHAR
);

-- load, as one transaction: merge, quarantine, ledger, counts
-- -------------------------------------------------------------------------------------------------

-- transaction_begin
BEGIN TRANSACTION;

-- leases_take
UPDATE "FIREHOSE"."_FIREHOSE_LEASES"
SET holder = :holder, taken_at = :now::TIMESTAMP_NTZ
WHERE name = 'writer';

-- drops_taken
SELECT drop_id
FROM "FIREHOSE"."_FIREHOSE_DROPS"
WHERE drop_id IN (
    SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l
) AND state IN ('loaded', 'quarantined', 'adopted') AND run_id <> :run_id;

-- screen
SELECT
    (SELECT count(*) FROM "FIREHOSE"."_FIREHOSE_FORGOTTEN"),
    (SELECT count(*) FROM "FIREHOSE"."_FIREHOSE_RETENTION"),
    (SELECT coalesce(sum(datediff('day', '1970-01-01'::TIMESTAMP_NTZ, kept_from)), 0) FROM "FIREHOSE"."_FIREHOSE_RETENTION"),
    (SELECT count(*) FROM "FIREHOSE"."_FIREHOSE_KEYS"),
    (SELECT count(*) FROM "FIREHOSE"."_FIREHOSE_SCHEMAS");

-- merge_begin
DELETE FROM staged_duplicates;

-- merge_repeated
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, repeated)
SELECT seq, drop_no, row_no, type_no, _key, true
FROM staged_keys
WHERE type_no IN (SELECT l.value::NUMBER(38, 0) FROM table(flatten(INPUT => parse_json(:type_nos))) AS l)
QUALIFY row_number() OVER (PARTITION BY type_no, _key ORDER BY drop_no, row_no) > 1;

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
        FROM "FIREHOSE"."EMAIL_OPEN" AS t
        INNER JOIN (SELECT DISTINCT _key FROM staged_keys WHERE type_no = :type_no) AS s ON t."_KEY" = s._key
        WHERE
            :earliest IS NULL
            OR t."EVENT_DATE" IS NULL
            OR t."EVENT_DATE" BETWEEN :earliest::TIMESTAMP_NTZ AND :latest::TIMESTAMP_NTZ
    );

-- merge_insert
MERGE INTO "FIREHOSE"."EMAIL_OPEN" AS t
USING (
    SELECT r.*
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MAIL_CLIENT", "MAIL_CLIENT_VERSION", "IP_ADDRESS", "USER_AGENT", "IS_HTML", "IS_FORWARD", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
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
    ("EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MAIL_CLIENT", "MAIL_CLIENT_VERSION", "IP_ADDRESS", "USER_AGENT", "IS_HTML", "IS_FORWARD", "DATA", "_KEY", "_DROP_ID", "_ROW", "_SCHEMA_VERSION", "_LOADED_AT", "_RESCUED")
VALUES
(s."EVENT_ID", s."EVENT_TYPE", s."EVENT_DATE", s."PROCESSED_DATE", s."ACCOUNT_ID", s."CONTACT_ID", s."EMAIL", s."CAMPAIGN_ID", s."CAMPAIGN_NAME", s."MAIL_CLIENT", s."MAIL_CLIENT_VERSION", s."IP_ADDRESS", s."USER_AGENT", s."IS_HTML", s."IS_FORWARD", s."DATA", s._key, s._drop_id, s._row_no, :version, :now::TIMESTAMP_NTZ, s._rescued);

-- digests_inserted
INSERT INTO "FIREHOSE"."_FIREHOSE_DIGESTS"
SELECT
    t."_DROP_ID",
    :table_name,
    count(*),
    bitxor_agg(hash(hash(t."_KEY", BITXOR(BITXOR(BITXOR(BITXOR(BITXOR(hash(hash(t."_RESCUED", '_rescued')), hash(hash(t."ACCOUNT_ID", 'account_id'))), BITXOR(hash(hash(t."CAMPAIGN_ID", 'campaign_id')), hash(hash(t."CAMPAIGN_NAME", 'campaign_name')))), BITXOR(BITXOR(hash(hash(t."CONTACT_ID", 'contact_id')), hash(hash(t."DATA", 'data'))), BITXOR(hash(hash(t."EMAIL", 'email')), hash(hash(t."EVENT_DATE", 'event_date'))))), BITXOR(BITXOR(BITXOR(hash(hash(t."EVENT_ID", 'event_id')), hash(hash(t."EVENT_TYPE", 'event_type'))), BITXOR(hash(hash(t."IP_ADDRESS", 'ip_address')), hash(hash(t."IS_FORWARD", 'is_forward')))), BITXOR(BITXOR(hash(hash(t."IS_HTML", 'is_html')), hash(hash(t."MAIL_CLIENT", 'mail_client'))), BITXOR(hash(hash(t."MAIL_CLIENT_VERSION", 'mail_client_version')), BITXOR(hash(hash(t."PROCESSED_DATE", 'processed_date')), hash(hash(t."USER_AGENT", 'user_agent'))))))), BITXOR(BITXOR(BITXOR(BITXOR(hash(hash(NULL, '_rescued')), hash(hash(NULL, 'account_id'))), BITXOR(hash(hash(NULL, 'campaign_id')), hash(hash(NULL, 'campaign_name')))), BITXOR(BITXOR(hash(hash(NULL, 'contact_id')), hash(hash(NULL, 'data'))), BITXOR(hash(hash(NULL, 'email')), hash(hash(NULL, 'event_date'))))), BITXOR(BITXOR(BITXOR(hash(hash(NULL, 'event_id')), hash(hash(NULL, 'event_type'))), BITXOR(hash(hash(NULL, 'ip_address')), hash(hash(NULL, 'is_forward')))), BITXOR(BITXOR(hash(hash(NULL, 'is_html')), hash(hash(NULL, 'mail_client'))), BITXOR(hash(hash(NULL, 'mail_client_version')), BITXOR(hash(hash(NULL, 'processed_date')), hash(hash(NULL, 'user_agent'))))))))))),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM "FIREHOSE"."EMAIL_OPEN" AS t
WHERE t."_LOADED_AT" = :now::TIMESTAMP_NTZ
GROUP BY t."_DROP_ID";

-- merge_unjudged
SELECT DISTINCT type_no, bitshiftright(seq, 40) FROM staged_duplicates WHERE fate IS NULL;

-- merge_judge
UPDATE staged_duplicates
SET
    fate = CASE WHEN judged.field IS NULL THEN 'identical' ELSE 'conflicting' END,
    field = judged.field
FROM (
    SELECT r._seq, CASE WHEN r."EVENT_DATE" <> t."EVENT_DATE" THEN 'eventDate' WHEN r."ACCOUNT_ID" <> t."ACCOUNT_ID" THEN 'accountId' WHEN r."CONTACT_ID" <> t."CONTACT_ID" THEN 'contactId' WHEN r."EMAIL" <> t."EMAIL" AND TO_JSON(REGEXP_SUBSTR_ALL(r."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."EMAIL" IS DISTINCT FROM REGEXP_SUBSTR(LOWER(TRIM(t."EMAIL", ' >' || ' ' || CHR(9) || CHR(10) || CHR(13))), '@([^@[:space:]<>"''(),:;/?&#]+)$', 1, 1, 'e', 1) AND t."EMAIL" IS DISTINCT FROM REGEXP_SUBSTR(LOWER(TRIM(r."EMAIL", ' >' || ' ' || CHR(9) || CHR(10) || CHR(13))), '@([^@[:space:]<>"''(),:;/?&#]+)$', 1, 1, 'e', 1) THEN 'email' WHEN r."CAMPAIGN_ID" <> t."CAMPAIGN_ID" THEN 'campaignId' WHEN r."CAMPAIGN_NAME" <> t."CAMPAIGN_NAME" AND TO_JSON(REGEXP_SUBSTR_ALL(r."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'campaignName' WHEN r."MAIL_CLIENT" <> t."MAIL_CLIENT" AND TO_JSON(REGEXP_SUBSTR_ALL(r."MAIL_CLIENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MAIL_CLIENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'mailClient' WHEN r."MAIL_CLIENT_VERSION" <> t."MAIL_CLIENT_VERSION" AND TO_JSON(REGEXP_SUBSTR_ALL(r."MAIL_CLIENT_VERSION"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MAIL_CLIENT_VERSION"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'mailClientVersion' WHEN r."IP_ADDRESS" <> t."IP_ADDRESS" AND TO_JSON(REGEXP_SUBSTR_ALL(r."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."IP_ADDRESS" IS DISTINCT FROM CASE WHEN REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) IS NOT NULL THEN REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) || '.0/24' WHEN REGEXP_COUNT(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(%[a-z0-9_]+|/48)?$', 1, 'c') > 0 THEN REGEXP_REPLACE(REGEXP_REPLACE(COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 1), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 2), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(t."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 3), '0'), ''), '0'), '(:0)+$', ''), '^0$', '') || '::/48' END AND t."IP_ADDRESS" IS DISTINCT FROM CASE WHEN REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) IS NOT NULL THEN REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$', 1, 1, 'e', 2) || '.0/24' WHEN REGEXP_COUNT(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(%[a-z0-9_]+|/48)?$', 1, 'c') > 0 THEN REGEXP_REPLACE(REGEXP_REPLACE(COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 1), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 2), '0'), ''), '0') || ':' || COALESCE(NULLIF(LTRIM(SPLIT_PART(SPLIT_PART(REGEXP_SUBSTR(LOWER(TRIM(r."IP_ADDRESS", ' []' || ' ' || CHR(9) || CHR(10) || CHR(13))), '^([0-9a-f:]*)', 1, 1, 'e', 1), '::', 1) || ':0:0:0', ':', 3), '0'), ''), '0'), '(:0)+$', ''), '^0$', '') || '::/48' END THEN 'ipAddress' WHEN r."USER_AGENT" <> t."USER_AGENT" AND TO_JSON(REGEXP_SUBSTR_ALL(r."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) AND r."USER_AGENT" IS DISTINCT FROM CASE WHEN TRIM(t."USER_AGENT") = '' THEN NULL WHEN REGEXP_COUNT(t."USER_AGENT", 'bot([^a-z0-9_]|$)|bot/|crawl|spider|^robot$', 1, 'i') > 0 THEN 'Robot' WHEN REGEXP_COUNT(t."USER_AGENT", 'googleimageproxy|^gmail', 1, 'i') > 0 THEN 'Gmail' WHEN REGEXP_COUNT(t."USER_AGENT", 'yahoomailproxy|^yahoo mail', 1, 'i') > 0 THEN 'Yahoo Mail' WHEN REGEXP_COUNT(t."USER_AGENT", 'outlook|msoffice|ms-office', 1, 'i') > 0 THEN 'Outlook' WHEN REGEXP_COUNT(t."USER_AGENT", 'thunderbird', 1, 'i') > 0 THEN 'Thunderbird' WHEN REGEXP_COUNT(t."USER_AGENT", '(^|[^A-Za-z0-9_])Edg(e|A|iOS)?([^A-Za-z0-9_]|$)', 1, 'c') > 0 THEN 'Edge' WHEN REGEXP_COUNT(t."USER_AGENT", '(^|[^A-Za-z0-9_])OPR/|^Opera', 1, 'c') > 0 THEN 'Opera' WHEN REGEXP_COUNT(t."USER_AGENT", 'Samsung ?Browser', 1, 'c') > 0 THEN 'Samsung Browser' WHEN REGEXP_COUNT(t."USER_AGENT", 'Firefox|FxiOS', 1, 'c') > 0 THEN 'Firefox' WHEN REGEXP_COUNT(t."USER_AGENT", 'Chrome|CriOS|Chromium', 1, 'c') > 0 THEN 'Chrome' WHEN REGEXP_COUNT(t."USER_AGENT", 'MSIE|Trident|^Internet Explorer', 1, 'c') > 0 THEN 'Internet Explorer' WHEN REGEXP_COUNT(t."USER_AGENT", 'Safari', 1, 'c') > 0 THEN 'Safari' WHEN REGEXP_COUNT(t."USER_AGENT", 'AppleWebKit|^Apple Mail', 1, 'c') > 0 THEN 'Apple Mail' ELSE 'other' END AND t."USER_AGENT" IS DISTINCT FROM CASE WHEN TRIM(r."USER_AGENT") = '' THEN NULL WHEN REGEXP_COUNT(r."USER_AGENT", 'bot([^a-z0-9_]|$)|bot/|crawl|spider|^robot$', 1, 'i') > 0 THEN 'Robot' WHEN REGEXP_COUNT(r."USER_AGENT", 'googleimageproxy|^gmail', 1, 'i') > 0 THEN 'Gmail' WHEN REGEXP_COUNT(r."USER_AGENT", 'yahoomailproxy|^yahoo mail', 1, 'i') > 0 THEN 'Yahoo Mail' WHEN REGEXP_COUNT(r."USER_AGENT", 'outlook|msoffice|ms-office', 1, 'i') > 0 THEN 'Outlook' WHEN REGEXP_COUNT(r."USER_AGENT", 'thunderbird', 1, 'i') > 0 THEN 'Thunderbird' WHEN REGEXP_COUNT(r."USER_AGENT", '(^|[^A-Za-z0-9_])Edg(e|A|iOS)?([^A-Za-z0-9_]|$)', 1, 'c') > 0 THEN 'Edge' WHEN REGEXP_COUNT(r."USER_AGENT", '(^|[^A-Za-z0-9_])OPR/|^Opera', 1, 'c') > 0 THEN 'Opera' WHEN REGEXP_COUNT(r."USER_AGENT", 'Samsung ?Browser', 1, 'c') > 0 THEN 'Samsung Browser' WHEN REGEXP_COUNT(r."USER_AGENT", 'Firefox|FxiOS', 1, 'c') > 0 THEN 'Firefox' WHEN REGEXP_COUNT(r."USER_AGENT", 'Chrome|CriOS|Chromium', 1, 'c') > 0 THEN 'Chrome' WHEN REGEXP_COUNT(r."USER_AGENT", 'MSIE|Trident|^Internet Explorer', 1, 'c') > 0 THEN 'Internet Explorer' WHEN REGEXP_COUNT(r."USER_AGENT", 'Safari', 1, 'c') > 0 THEN 'Safari' WHEN REGEXP_COUNT(r."USER_AGENT", 'AppleWebKit|^Apple Mail', 1, 'c') > 0 THEN 'Apple Mail' ELSE 'other' END THEN 'userAgent' WHEN r."IS_HTML" <> t."IS_HTML" THEN 'isHtml' WHEN r."IS_FORWARD" <> t."IS_FORWARD" THEN 'isForward' WHEN r."DATA" <> t."DATA" AND NOT (TYPEOF(r."DATA") = 'OBJECT' AND TYPEOF(t."DATA") = 'OBJECT' AND coalesce(OBJECT_PICK(r."DATA", OBJECT_KEYS(t."DATA")) = OBJECT_PICK(t."DATA", OBJECT_KEYS(r."DATA")), true)) AND TO_JSON(REGEXP_SUBSTR_ALL(r."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'data' WHEN NOT coalesce(OBJECT_PICK(r._rescued, OBJECT_KEYS(t._rescued)) = OBJECT_PICK(t._rescued, OBJECT_KEYS(r._rescued)), true) AND TO_JSON(REGEXP_SUBSTR_ALL(r._rescued::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t._rescued::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN '_rescued' END AS field
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MAIL_CLIENT", "MAIL_CLIENT_VERSION", "IP_ADDRESS", "USER_AGENT", "IS_HTML", "IS_FORWARD", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
    INNER JOIN (
        SELECT seq
        FROM staged_duplicates
        WHERE type_no = :type_no AND bitshiftright(seq, 40) = :part AND fate IS NULL
    ) AS d ON r._seq = d.seq
    INNER JOIN (
        SELECT t."EVENT_ID", t."EVENT_TYPE", t."EVENT_DATE", t."PROCESSED_DATE", t."ACCOUNT_ID", t."CONTACT_ID", t."EMAIL", t."CAMPAIGN_ID", t."CAMPAIGN_NAME", t."MAIL_CLIENT", t."MAIL_CLIENT_VERSION", t."IP_ADDRESS", t."USER_AGENT", t."IS_HTML", t."IS_FORWARD", t."DATA", t."_KEY", t."_RESCUED"
        FROM "FIREHOSE"."EMAIL_OPEN" AS t
        WHERE t."_KEY" IN (SELECT _key FROM staged_duplicates WHERE type_no = :type_no)
    ) AS t ON r._key = t."_KEY"
) AS judged
WHERE staged_duplicates.seq = judged._seq;

-- merge_counts
SELECT drop_no, type_no, fate, count(*)
FROM (
    SELECT k.drop_no, k.type_no, CASE WHEN d.seq IS NULL THEN 'inserted' ELSE coalesce(d.fate, 'unjudged') END AS fate
    FROM staged_keys AS k
    LEFT JOIN staged_duplicates AS d ON k.seq = d.seq
    UNION ALL
    SELECT f.drop_no, f.type_no, CASE f.reason WHEN 'expired' THEN 'expired' ELSE 'quarantined' END AS fate
    FROM staged_faults AS f
)
GROUP BY drop_no, type_no, fate;

-- duplicates_forget
DELETE FROM "FIREHOSE"."_FIREHOSE_DUPLICATES"
WHERE
    drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);

-- duplicates_add
INSERT INTO "FIREHOSE"."_FIREHOSE_DUPLICATES"
SELECT
    r._drop_id, r._row_no, :event_type, :table_name, r._key, d.fate, d.field, (CASE WHEN r."EVENT_ID" IS DISTINCT FROM t."EVENT_ID" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."EVENT_TYPE" IS DISTINCT FROM t."EVENT_TYPE" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EVENT_TYPE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EVENT_TYPE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."EVENT_DATE" IS NOT DISTINCT FROM t."EVENT_DATE" AND r."PROCESSED_DATE" IS NOT DISTINCT FROM t."PROCESSED_DATE" AND r."ACCOUNT_ID" IS NOT DISTINCT FROM t."ACCOUNT_ID" AND r."CONTACT_ID" IS NOT DISTINCT FROM t."CONTACT_ID" AND CASE WHEN r."EMAIL" IS DISTINCT FROM t."EMAIL" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."CAMPAIGN_ID" IS NOT DISTINCT FROM t."CAMPAIGN_ID" AND CASE WHEN r."CAMPAIGN_NAME" IS DISTINCT FROM t."CAMPAIGN_NAME" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."MAIL_CLIENT" IS DISTINCT FROM t."MAIL_CLIENT" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."MAIL_CLIENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MAIL_CLIENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."MAIL_CLIENT_VERSION" IS DISTINCT FROM t."MAIL_CLIENT_VERSION" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."MAIL_CLIENT_VERSION"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MAIL_CLIENT_VERSION"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."IP_ADDRESS" IS DISTINCT FROM t."IP_ADDRESS" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."USER_AGENT" IS DISTINCT FROM t."USER_AGENT" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."IS_HTML" IS NOT DISTINCT FROM t."IS_HTML" AND r."IS_FORWARD" IS NOT DISTINCT FROM t."IS_FORWARD" AND CASE WHEN r."DATA" IS DISTINCT FROM t."DATA" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r._rescued IS DISTINCT FROM t._rescued THEN r._rescued IS NOT DISTINCT FROM t._rescued ELSE true END) AS same, :version
FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MAIL_CLIENT", "MAIL_CLIENT_VERSION", "IP_ADDRESS", "USER_AGENT", "IS_HTML", "IS_FORWARD", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
INNER JOIN (
    SELECT seq, fate, field
    FROM staged_duplicates
    WHERE type_no = :type_no AND fate <> 'updated'
) AS d ON r._seq = d.seq
INNER JOIN "FIREHOSE"."EMAIL_OPEN" AS t ON r._key = t."_KEY"
WHERE NOT (t."_DROP_ID" = r._drop_id AND t."_ROW" = r._row_no);

-- merge_faults
SELECT drop_no, row_no, type_no, reason, field, message FROM staged_faults WHERE reason <> 'expired';

-- merge_conflicts
SELECT drop_no, row_no, type_no, 'conflict', field, 'the same event is there with another ' || field
FROM staged_duplicates
WHERE fate = 'conflicting';

-- quarantine_forget
DELETE FROM "FIREHOSE"."_FIREHOSE_QUARANTINE"
WHERE
    state = 'undone' AND drop_id IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l
    );

-- drops_past
SELECT drop_id, attempts, first_seen_at FROM "FIREHOSE"."_FIREHOSE_DROPS"
WHERE drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);

-- drops_add
INSERT INTO "FIREHOSE"."_FIREHOSE_DROPS"
SELECT
    n.value:drop_id::VARCHAR,
    n.value:source::VARCHAR,
    n.value:key::VARCHAR,
    n.value:version::VARCHAR,
    n.value:size_bytes::NUMBER(38, 0),
    n.value:modified::TIMESTAMP_NTZ,
    n.value:state::VARCHAR,
    n.value:attempts::NUMBER(38, 0),
    n.value:format::VARCHAR,
    n.value:compression::VARCHAR,
    n.value:header::ARRAY,
    n.value:rows_parsed::NUMBER(38, 0),
    n.value:rows_inserted::NUMBER(38, 0),
    n.value:rows_updated::NUMBER(38, 0),
    n.value:rows_identical::NUMBER(38, 0),
    n.value:rows_superseded::NUMBER(38, 0),
    n.value:rows_conflicting::NUMBER(38, 0),
    n.value:rows_quarantined::NUMBER(38, 0),
    n.value:event_rows::VARCHAR,
    n.value:error::VARCHAR,
    n.value:message::VARCHAR,
    n.value:run_id::VARCHAR,
    n.value:first_seen_at::TIMESTAMP_NTZ,
    n.value:finished_at::TIMESTAMP_NTZ,
    n.value:rows_expired::NUMBER(38, 0)
FROM table(flatten(INPUT => parse_json(:rows))) AS n;

-- transaction_commit
COMMIT;

-- clear: temporary tables and the path on the stage
-- -------------------------------------------------------------------------------------------------

-- scratch_forget
DROP TABLE IF EXISTS "STAGED_ROWS_0";

-- stage_clear
REMOVE @"FIREHOSE"."_FIREHOSE_STAGE"/rehearsal/1/;

-- record the run
-- -------------------------------------------------------------------------------------------------

-- history_costs
SELECT
    coalesce(try_parse_json(query_tag)['event']::VARCHAR, '') AS event_type,
    max(warehouse_name) AS warehouse_name,
    max(warehouse_size) AS warehouse_size,
    sum(bytes_scanned) AS bytes_scanned,
    sum(execution_time) AS milliseconds,
    sum(credits_used_cloud_services) AS credits
FROM table(information_schema.query_history_by_session(result_limit => 10000))
WHERE try_parse_json(query_tag)['run']::VARCHAR = :run_id
GROUP BY 1;

-- runs_add
INSERT INTO "FIREHOSE"."_FIREHOSE_RUNS"
SELECT
    :run_id, :started_at::TIMESTAMP_NTZ, :finished_at::TIMESTAMP_NTZ, :status, :exit_code, :loader_version,
    :summary, :costs;

-- =================================================================================================
-- sms.send
-- =================================================================================================

-- tables: made and widened for the event types of the batch, where that is needed
-- -------------------------------------------------------------------------------------------------

-- table_create
CREATE TABLE IF NOT EXISTS "FIREHOSE"."SMS_SEND" (
    "EVENT_ID" VARCHAR,
    "EVENT_TYPE" VARCHAR,
    "EVENT_DATE" TIMESTAMP_NTZ,
    "PROCESSED_DATE" TIMESTAMP_NTZ,
    "ACCOUNT_ID" NUMBER(38,0),
    "CONTACT_ID" NUMBER(38,0),
    "MOBILE_NUMBER" VARCHAR,
    "CAMPAIGN_ID" NUMBER(38,0),
    "CAMPAIGN_NAME" VARCHAR,
    "MESSAGE_ID" VARCHAR,
    "CLIENT_REF" VARCHAR,
    "MESSAGE" VARCHAR,
    "DATA" VARIANT,
    "_KEY" VARCHAR(36) NOT NULL,
    "_DROP_ID" VARCHAR NOT NULL,
    "_ROW" NUMBER(38, 0) NOT NULL,
    "_SCHEMA_VERSION" VARCHAR NOT NULL,
    "_LOADED_AT" TIMESTAMP_NTZ NOT NULL,
    "_RESCUED" VARIANT
);

-- table_cluster
ALTER TABLE "FIREHOSE"."SMS_SEND" CLUSTER BY (to_date("EVENT_DATE"));

-- view_create
CREATE OR REPLACE VIEW "FIREHOSE"."EVENTS" COPY GRANTS AS
SELECT "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", NULL::VARCHAR AS "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "_DROP_ID", "_ROW", OBJECT_CONSTRUCT_KEEP_NULL('mobile_number', "MOBILE_NUMBER", 'message_id', "MESSAGE_ID", 'client_ref', "CLIENT_REF", 'message', "MESSAGE", 'data', "DATA") AS rest FROM "FIREHOSE"."SMS_SEND";

-- bring: files to the internal stage, and from there into temporary tables
-- -------------------------------------------------------------------------------------------------

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
    "MOBILE_NUMBER" VARCHAR,
    "CAMPAIGN_ID" NUMBER(38,0),
    "CAMPAIGN_NAME" VARCHAR,
    "MESSAGE_ID" VARCHAR,
    "CLIENT_REF" VARCHAR,
    "MESSAGE" VARCHAR,
    "DATA" VARCHAR,
    "_RESCUED" VARCHAR
);

-- load, as one transaction: merge, quarantine, ledger, counts
-- -------------------------------------------------------------------------------------------------

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
        FROM "FIREHOSE"."SMS_SEND" AS t
        INNER JOIN (SELECT DISTINCT _key FROM staged_keys WHERE type_no = :type_no) AS s ON t."_KEY" = s._key
        WHERE
            :earliest IS NULL
            OR t."EVENT_DATE" IS NULL
            OR t."EVENT_DATE" BETWEEN :earliest::TIMESTAMP_NTZ AND :latest::TIMESTAMP_NTZ
    );

-- merge_insert
MERGE INTO "FIREHOSE"."SMS_SEND" AS t
USING (
    SELECT r.*
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "MOBILE_NUMBER", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MESSAGE_ID", "CLIENT_REF", "MESSAGE", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
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
    ("EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "MOBILE_NUMBER", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MESSAGE_ID", "CLIENT_REF", "MESSAGE", "DATA", "_KEY", "_DROP_ID", "_ROW", "_SCHEMA_VERSION", "_LOADED_AT", "_RESCUED")
VALUES
(s."EVENT_ID", s."EVENT_TYPE", s."EVENT_DATE", s."PROCESSED_DATE", s."ACCOUNT_ID", s."CONTACT_ID", s."MOBILE_NUMBER", s."CAMPAIGN_ID", s."CAMPAIGN_NAME", s."MESSAGE_ID", s."CLIENT_REF", s."MESSAGE", s."DATA", s._key, s._drop_id, s._row_no, :version, :now::TIMESTAMP_NTZ, s._rescued);

-- digests_inserted
INSERT INTO "FIREHOSE"."_FIREHOSE_DIGESTS"
SELECT
    t."_DROP_ID",
    :table_name,
    count(*),
    bitxor_agg(hash(hash(t."_KEY", BITXOR(BITXOR(BITXOR(BITXOR(hash(hash(t."_RESCUED", '_rescued')), BITXOR(hash(hash(t."ACCOUNT_ID", 'account_id')), hash(hash(t."CAMPAIGN_ID", 'campaign_id')))), BITXOR(BITXOR(hash(hash(t."CAMPAIGN_NAME", 'campaign_name')), hash(hash(t."CLIENT_REF", 'client_ref'))), BITXOR(hash(hash(t."CONTACT_ID", 'contact_id')), hash(hash(t."DATA", 'data'))))), BITXOR(BITXOR(hash(hash(t."EVENT_DATE", 'event_date')), BITXOR(hash(hash(t."EVENT_ID", 'event_id')), hash(hash(t."EVENT_TYPE", 'event_type')))), BITXOR(BITXOR(hash(hash(t."MESSAGE", 'message')), hash(hash(t."MESSAGE_ID", 'message_id'))), BITXOR(hash(hash(t."MOBILE_NUMBER", 'mobile_number')), hash(hash(t."PROCESSED_DATE", 'processed_date')))))), BITXOR(BITXOR(BITXOR(hash(hash(NULL, '_rescued')), BITXOR(hash(hash(NULL, 'account_id')), hash(hash(NULL, 'campaign_id')))), BITXOR(BITXOR(hash(hash(NULL, 'campaign_name')), hash(hash(NULL, 'client_ref'))), BITXOR(hash(hash(NULL, 'contact_id')), hash(hash(NULL, 'data'))))), BITXOR(BITXOR(hash(hash(NULL, 'event_date')), BITXOR(hash(hash(NULL, 'event_id')), hash(hash(NULL, 'event_type')))), BITXOR(BITXOR(hash(hash(NULL, 'message')), hash(hash(NULL, 'message_id'))), BITXOR(hash(hash(NULL, 'mobile_number')), hash(hash(NULL, 'processed_date')))))))))),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM "FIREHOSE"."SMS_SEND" AS t
WHERE t."_LOADED_AT" = :now::TIMESTAMP_NTZ
GROUP BY t."_DROP_ID";

-- merge_judge
UPDATE staged_duplicates
SET
    fate = CASE WHEN judged.field IS NULL THEN 'identical' ELSE 'conflicting' END,
    field = judged.field
FROM (
    SELECT r._seq, CASE WHEN r."EVENT_DATE" <> t."EVENT_DATE" THEN 'eventDate' WHEN r."ACCOUNT_ID" <> t."ACCOUNT_ID" THEN 'accountId' WHEN r."CONTACT_ID" <> t."CONTACT_ID" THEN 'contactId' WHEN r."MOBILE_NUMBER" <> t."MOBILE_NUMBER" AND TO_JSON(REGEXP_SUBSTR_ALL(r."MOBILE_NUMBER"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MOBILE_NUMBER"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'mobileNumber' WHEN r."CAMPAIGN_ID" <> t."CAMPAIGN_ID" THEN 'campaignId' WHEN r."CAMPAIGN_NAME" <> t."CAMPAIGN_NAME" AND TO_JSON(REGEXP_SUBSTR_ALL(r."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'campaignName' WHEN r."MESSAGE_ID" <> t."MESSAGE_ID" AND TO_JSON(REGEXP_SUBSTR_ALL(r."MESSAGE_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MESSAGE_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'messageId' WHEN r."CLIENT_REF" <> t."CLIENT_REF" AND TO_JSON(REGEXP_SUBSTR_ALL(r."CLIENT_REF"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."CLIENT_REF"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'clientRef' WHEN r."MESSAGE" <> t."MESSAGE" AND TO_JSON(REGEXP_SUBSTR_ALL(r."MESSAGE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MESSAGE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'message' WHEN r."DATA" <> t."DATA" AND NOT (TYPEOF(r."DATA") = 'OBJECT' AND TYPEOF(t."DATA") = 'OBJECT' AND coalesce(OBJECT_PICK(r."DATA", OBJECT_KEYS(t."DATA")) = OBJECT_PICK(t."DATA", OBJECT_KEYS(r."DATA")), true)) AND TO_JSON(REGEXP_SUBSTR_ALL(r."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN 'data' WHEN NOT coalesce(OBJECT_PICK(r._rescued, OBJECT_KEYS(t._rescued)) = OBJECT_PICK(t._rescued, OBJECT_KEYS(r._rescued)), true) AND TO_JSON(REGEXP_SUBSTR_ALL(r._rescued::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t._rescued::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) THEN '_rescued' END AS field
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "MOBILE_NUMBER", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MESSAGE_ID", "CLIENT_REF", "MESSAGE", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
    INNER JOIN (
        SELECT seq
        FROM staged_duplicates
        WHERE type_no = :type_no AND bitshiftright(seq, 40) = :part AND fate IS NULL
    ) AS d ON r._seq = d.seq
    INNER JOIN (
        SELECT t."EVENT_ID", t."EVENT_TYPE", t."EVENT_DATE", t."PROCESSED_DATE", t."ACCOUNT_ID", t."CONTACT_ID", t."MOBILE_NUMBER", t."CAMPAIGN_ID", t."CAMPAIGN_NAME", t."MESSAGE_ID", t."CLIENT_REF", t."MESSAGE", t."DATA", t."_KEY", t."_RESCUED"
        FROM "FIREHOSE"."SMS_SEND" AS t
        WHERE t."_KEY" IN (SELECT _key FROM staged_duplicates WHERE type_no = :type_no)
    ) AS t ON r._key = t."_KEY"
) AS judged
WHERE staged_duplicates.seq = judged._seq;

-- duplicates_add
INSERT INTO "FIREHOSE"."_FIREHOSE_DUPLICATES"
SELECT
    r._drop_id, r._row_no, :event_type, :table_name, r._key, d.fate, d.field, (CASE WHEN r."EVENT_ID" IS DISTINCT FROM t."EVENT_ID" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."EVENT_TYPE" IS DISTINCT FROM t."EVENT_TYPE" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EVENT_TYPE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EVENT_TYPE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."EVENT_DATE" IS NOT DISTINCT FROM t."EVENT_DATE" AND r."PROCESSED_DATE" IS NOT DISTINCT FROM t."PROCESSED_DATE" AND r."ACCOUNT_ID" IS NOT DISTINCT FROM t."ACCOUNT_ID" AND r."CONTACT_ID" IS NOT DISTINCT FROM t."CONTACT_ID" AND CASE WHEN r."MOBILE_NUMBER" IS DISTINCT FROM t."MOBILE_NUMBER" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."MOBILE_NUMBER"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MOBILE_NUMBER"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."CAMPAIGN_ID" IS NOT DISTINCT FROM t."CAMPAIGN_ID" AND CASE WHEN r."CAMPAIGN_NAME" IS DISTINCT FROM t."CAMPAIGN_NAME" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."MESSAGE_ID" IS DISTINCT FROM t."MESSAGE_ID" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."MESSAGE_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MESSAGE_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."CLIENT_REF" IS DISTINCT FROM t."CLIENT_REF" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."CLIENT_REF"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."CLIENT_REF"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."MESSAGE" IS DISTINCT FROM t."MESSAGE" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."MESSAGE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MESSAGE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."DATA" IS DISTINCT FROM t."DATA" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r._rescued IS DISTINCT FROM t._rescued THEN r._rescued IS NOT DISTINCT FROM t._rescued ELSE true END) AS same, :version
FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "MOBILE_NUMBER", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MESSAGE_ID", "CLIENT_REF", "MESSAGE", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
INNER JOIN (
    SELECT seq, fate, field
    FROM staged_duplicates
    WHERE type_no = :type_no AND fate <> 'updated'
) AS d ON r._seq = d.seq
INNER JOIN "FIREHOSE"."SMS_SEND" AS t ON r._key = t."_KEY"
WHERE NOT (t."_DROP_ID" = r._drop_id AND t."_ROW" = r._row_no);

