-- Tasks in Snowflake that load plain JSON drops without any container. What they take,
-- and what they leave to a run: docs/snowflake.md. Run it as somebody who may take on the roles
-- below, behind what init --grants prints and once the tables are there (sql --ddl). Once
-- more, it replaces the tasks.


USE ROLE ACCOUNTADMIN;

GRANT EXECUTE TASK ON ACCOUNT TO ROLE "LOADER";

GRANT CREATE PROCEDURE, CREATE TASK ON SCHEMA "MARKETING"."DOTDIGITAL" TO ROLE "LOADER";

USE ROLE "LOADER";

CREATE OR REPLACE PROCEDURE "MARKETING"."DOTDIGITAL"."FIREHOSE_TASK_PROD"()
RETURNS VARCHAR
LANGUAGE SQL
EXECUTE AS CALLER
AS
$$
DECLARE
    run_id VARCHAR DEFAULT 'task-' || UUID_STRING();
    loaded_at TIMESTAMP_NTZ DEFAULT SYSDATE();
    stage_url VARCHAR DEFAULT '';
    named VARCHAR DEFAULT '';
    reading VARCHAR DEFAULT '';
    refused VARCHAR DEFAULT '';
    told VARCHAR DEFAULT '';
    few NUMBER DEFAULT 0;
    put_in NUMBER DEFAULT 0;
    going BOOLEAN DEFAULT TRUE;
    counts_differ EXCEPTION (-20001, 'the counts of the drops do not balance; nothing was kept');
    outdated EXCEPTION (-20002, 'the tables are not of the version that this script was made for; print it anew');
    lacking EXCEPTION (-20003, 'a table or a column is not there; firehose-loader sql --ddl prints how it is made');
    only_runs EXCEPTION (-20004, 'people were forgotten or old events removed; only runs may load, drop this task');
    elsewhere EXCEPTION (-20005, 'the stage does not lead to the source; print this script anew');
BEGIN
    ALTER SESSION SET QUERY_TAG = '{"app": "firehose-loader", "run": "task", "source": "prod"}';
    ALTER SESSION SET TIMEZONE = 'UTC';
    ALTER SESSION SET TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_NTZ';
    ALTER SESSION SET TIMESTAMP_INPUT_FORMAT = 'AUTO';
    ALTER SESSION SET DATE_INPUT_FORMAT = 'AUTO';
    ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 3600;
    ALTER SESSION SET LOCK_TIMEOUT = 10;
    ALTER SESSION SET ERROR_ON_NONDETERMINISTIC_MERGE = true;
    ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = false;
    ALTER SESSION SET JSON_INDENT = 0;
    USE SCHEMA "MARKETING"."DOTDIGITAL";
    SELECT t.value INTO :few
    FROM (SELECT count(*) FROM (SELECT version, loader_version, since
    FROM "DOTDIGITAL"."_FIREHOSE_VERSIONS"
    ORDER BY version DESC
    LIMIT 1) AS t WHERE t.version = 3) AS t (value);
    IF (few = 0) THEN
        RAISE outdated;
    END IF;
    SELECT t.value INTO :few
    FROM (SELECT count(*)
    FROM information_schema.columns
    WHERE table_schema = 'DOTDIGITAL' AND table_name || '.' || column_name IN ('EMAIL_OPEN.EVENT_ID', 'EMAIL_OPEN.EVENT_TYPE', 'EMAIL_OPEN.EVENT_DATE', 'EMAIL_OPEN.PROCESSED_DATE', 'EMAIL_OPEN.ACCOUNT_ID', 'EMAIL_OPEN.CONTACT_ID', 'EMAIL_OPEN.EMAIL', 'EMAIL_OPEN.CAMPAIGN_ID', 'EMAIL_OPEN.CAMPAIGN_NAME', 'EMAIL_OPEN.MAIL_CLIENT', 'EMAIL_OPEN.MAIL_CLIENT_VERSION', 'EMAIL_OPEN.IP_ADDRESS', 'EMAIL_OPEN.USER_AGENT', 'EMAIL_OPEN.IS_HTML', 'EMAIL_OPEN.IS_FORWARD', 'EMAIL_OPEN.DATA')) AS t (value);
    IF (few < 16) THEN
        RAISE lacking;
    END IF;
    SELECT t.value INTO :few
    FROM (SELECT s.people + s.removals FROM (SELECT
        (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_FORGOTTEN"),
        (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_RETENTION"),
        (SELECT coalesce(sum(datediff('day', '1970-01-01'::TIMESTAMP_NTZ, kept_from)), 0) FROM "DOTDIGITAL"."_FIREHOSE_RETENTION"),
        (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_KEYS"),
        (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_SCHEMAS")) AS s (people, removals, days, key_count, field_count)) AS t (value);
    IF (few > 0) THEN
        RAISE only_runs;
    END IF;
    DESCRIBE STAGE "MARKETING"."DOTDIGITAL"."FIREHOSE_PROD";
    SELECT t.value INTO :stage_url
    FROM (SELECT coalesce(max(rtrim(parse_json(t."property_value")[0]::VARCHAR, '/') || '/'), '')
    FROM table(result_scan(last_query_id())) AS t
    WHERE t."property" = 'URL') AS t (value);
    IF (stage_url = '' OR NOT STARTSWITH('s3://my-dd-events/prod/', stage_url)) THEN
        RAISE elsewhere;
    END IF;
    CREATE OR REPLACE TEMPORARY TABLE task_listed (
        key VARCHAR,
        name VARCHAR,
        size_bytes NUMBER(38, 0),
        version VARCHAR,
        modified TIMESTAMP_NTZ
    );
    CREATE OR REPLACE TEMPORARY TABLE task_drops (
        drop_id VARCHAR,
        key VARCHAR,
        name VARCHAR,
        file VARCHAR,
        version VARCHAR,
        size_bytes NUMBER(38, 0),
        modified TIMESTAMP_NTZ,
        format VARCHAR,
        compression VARCHAR,
        forced_no NUMBER(38, 0),
        default_no NUMBER(38, 0),
        why VARCHAR,
        drop_no NUMBER(38, 0)
    );
    LIST @"MARKETING"."DOTDIGITAL"."FIREHOSE_PROD";
    INSERT INTO task_listed
    SELECT
        substr("name", length('s3://my-dd-events/prod/') + 1) AS key,
        substr("name", length(:stage_url) + 1) AS name,
        "size"::NUMBER(38, 0) AS size_bytes,
        "md5" || ':' || "size" AS version,
        try_to_timestamp_ntz(substr("last_modified", 6, 20), 'DD MON YYYY HH24:MI:SS') AS modified
    FROM table(result_scan(last_query_id()))
    WHERE startswith("name", 's3://my-dd-events/prod/');
    INSERT INTO task_drops
    WITH hashed AS (
        SELECT
            l.*,
            sha2('prod' || CHR(0) || l.key || CHR(0) || l.version, 256) AS sha,
            lower(substr(l.key, 1, length(l.key) - length(split_part(l.key, '/', -1)))) AS folders,
            split_part(l.key, '/', -1) AS file_name
        FROM task_listed AS l
    ),

    numbered AS (
        SELECT
            h.*,
            (POSITION(SUBSTR(h.sha, 1, 1), '0123456789abcdef') - 1) * 65536 + (POSITION(SUBSTR(h.sha, 2, 1), '0123456789abcdef') - 1) * 4096 + (POSITION(SUBSTR(h.sha, 3, 1), '0123456789abcdef') - 1) * 256 + (POSITION(SUBSTR(h.sha, 4, 1), '0123456789abcdef') - 1) * 16 + (POSITION(SUBSTR(h.sha, 5, 1), '0123456789abcdef') - 1) * 1 AS n1,
            (POSITION(SUBSTR(h.sha, 6, 1), '0123456789abcdef') - 1) * 65536 + (POSITION(SUBSTR(h.sha, 7, 1), '0123456789abcdef') - 1) * 4096 + (POSITION(SUBSTR(h.sha, 8, 1), '0123456789abcdef') - 1) * 256 + (POSITION(SUBSTR(h.sha, 9, 1), '0123456789abcdef') - 1) * 16 + (POSITION(SUBSTR(h.sha, 10, 1), '0123456789abcdef') - 1) * 1 AS n2,
            (POSITION(SUBSTR(h.sha, 11, 1), '0123456789abcdef') - 1) * 65536 + (POSITION(SUBSTR(h.sha, 12, 1), '0123456789abcdef') - 1) * 4096 + (POSITION(SUBSTR(h.sha, 13, 1), '0123456789abcdef') - 1) * 256 + (POSITION(SUBSTR(h.sha, 14, 1), '0123456789abcdef') - 1) * 16 + (POSITION(SUBSTR(h.sha, 15, 1), '0123456789abcdef') - 1) * 1 AS n3,
            CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/unknown/') THEN 1000 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/campaignsend/') THEN 1001 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/emailclick/') THEN 1002 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/emaildoubleoptin/') THEN 1003 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/emailfailed/') THEN 1004 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/emailispcomplained/') THEN 1005 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/emailopen/') THEN 1006 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/emailreply/') THEN 1007 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/emailsend/') THEN 1008 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/emailunsubscribed/') THEN 1009 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/emailview/') THEN 1010 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/interactionpushclick/') THEN 1011 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/interactionsocialshare/') THEN 1012 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/landingpageview/') THEN 1013 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/pageview/') THEN 1014 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/pushnotificationerror/') THEN 1015 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/pushnotificationsend/') THEN 1016 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/smsclick/') THEN 1017 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/smsdelivered/') THEN 1018 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/smsfailed/') THEN 1019 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/smsremove/') THEN 1020 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/smsreply/') THEN 1021 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/smssend/') THEN 1022 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/smsunsubscribed/') THEN 1023 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/transactionalclick/') THEN 1024 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/transactionalemailcampaignsend/') THEN 1025 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/transactionalemailfailed/') THEN 1026 ELSE 0 END
            + CASE WHEN CONTAINS('/' || REGEXP_REPLACE(h.folders, '[_.-]+', ''), '/transactionalopen/') THEN 1027 ELSE 0 END AS by_folder,
            CASE WHEN h.file_name = lower(h.file_name) THEN CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?c[._=-]*a[._=-]*m[._=-]*p[._=-]*a[._=-]*i[._=-]*g[._=-]*n[._=-]*s[._=-]*e[._=-]*n[._=-]*d([^a-z].*)?$') THEN 1001 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*c[._=-]*l[._=-]*i[._=-]*c[._=-]*k([^a-z].*)?$') THEN 1002 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*d[._=-]*o[._=-]*u[._=-]*b[._=-]*l[._=-]*e[._=-]*o[._=-]*p[._=-]*t[._=-]*i[._=-]*n([^a-z].*)?$') THEN 1003 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*f[._=-]*a[._=-]*i[._=-]*l[._=-]*e[._=-]*d([^a-z].*)?$') THEN 1004 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*i[._=-]*s[._=-]*p[._=-]*c[._=-]*o[._=-]*m[._=-]*p[._=-]*l[._=-]*a[._=-]*i[._=-]*n[._=-]*e[._=-]*d([^a-z].*)?$') THEN 1005 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*o[._=-]*p[._=-]*e[._=-]*n([^a-z].*)?$') THEN 1006 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*r[._=-]*e[._=-]*p[._=-]*l[._=-]*y([^a-z].*)?$') THEN 1007 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*s[._=-]*e[._=-]*n[._=-]*d([^a-z].*)?$') THEN 1008 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*u[._=-]*n[._=-]*s[._=-]*u[._=-]*b[._=-]*s[._=-]*c[._=-]*r[._=-]*i[._=-]*b[._=-]*e[._=-]*d([^a-z].*)?$') THEN 1009 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*v[._=-]*i[._=-]*e[._=-]*w([^a-z].*)?$') THEN 1010 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?i[._=-]*n[._=-]*t[._=-]*e[._=-]*r[._=-]*a[._=-]*c[._=-]*t[._=-]*i[._=-]*o[._=-]*n[._=-]*p[._=-]*u[._=-]*s[._=-]*h[._=-]*c[._=-]*l[._=-]*i[._=-]*c[._=-]*k([^a-z].*)?$') THEN 1011 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?i[._=-]*n[._=-]*t[._=-]*e[._=-]*r[._=-]*a[._=-]*c[._=-]*t[._=-]*i[._=-]*o[._=-]*n[._=-]*s[._=-]*o[._=-]*c[._=-]*i[._=-]*a[._=-]*l[._=-]*s[._=-]*h[._=-]*a[._=-]*r[._=-]*e([^a-z].*)?$') THEN 1012 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?l[._=-]*a[._=-]*n[._=-]*d[._=-]*i[._=-]*n[._=-]*g[._=-]*p[._=-]*a[._=-]*g[._=-]*e[._=-]*v[._=-]*i[._=-]*e[._=-]*w([^a-z].*)?$') THEN 1013 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?p[._=-]*a[._=-]*g[._=-]*e[._=-]*v[._=-]*i[._=-]*e[._=-]*w([^a-z].*)?$') THEN 1014 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?p[._=-]*u[._=-]*s[._=-]*h[._=-]*n[._=-]*o[._=-]*t[._=-]*i[._=-]*f[._=-]*i[._=-]*c[._=-]*a[._=-]*t[._=-]*i[._=-]*o[._=-]*n[._=-]*e[._=-]*r[._=-]*r[._=-]*o[._=-]*r([^a-z].*)?$') THEN 1015 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?p[._=-]*u[._=-]*s[._=-]*h[._=-]*n[._=-]*o[._=-]*t[._=-]*i[._=-]*f[._=-]*i[._=-]*c[._=-]*a[._=-]*t[._=-]*i[._=-]*o[._=-]*n[._=-]*s[._=-]*e[._=-]*n[._=-]*d([^a-z].*)?$') THEN 1016 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?s[._=-]*m[._=-]*s[._=-]*c[._=-]*l[._=-]*i[._=-]*c[._=-]*k([^a-z].*)?$') THEN 1017 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?s[._=-]*m[._=-]*s[._=-]*d[._=-]*e[._=-]*l[._=-]*i[._=-]*v[._=-]*e[._=-]*r[._=-]*e[._=-]*d([^a-z].*)?$') THEN 1018 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?s[._=-]*m[._=-]*s[._=-]*f[._=-]*a[._=-]*i[._=-]*l[._=-]*e[._=-]*d([^a-z].*)?$') THEN 1019 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?s[._=-]*m[._=-]*s[._=-]*r[._=-]*e[._=-]*m[._=-]*o[._=-]*v[._=-]*e([^a-z].*)?$') THEN 1020 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?s[._=-]*m[._=-]*s[._=-]*r[._=-]*e[._=-]*p[._=-]*l[._=-]*y([^a-z].*)?$') THEN 1021 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?s[._=-]*m[._=-]*s[._=-]*s[._=-]*e[._=-]*n[._=-]*d([^a-z].*)?$') THEN 1022 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?s[._=-]*m[._=-]*s[._=-]*u[._=-]*n[._=-]*s[._=-]*u[._=-]*b[._=-]*s[._=-]*c[._=-]*r[._=-]*i[._=-]*b[._=-]*e[._=-]*d([^a-z].*)?$') THEN 1023 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?t[._=-]*r[._=-]*a[._=-]*n[._=-]*s[._=-]*a[._=-]*c[._=-]*t[._=-]*i[._=-]*o[._=-]*n[._=-]*a[._=-]*l[._=-]*c[._=-]*l[._=-]*i[._=-]*c[._=-]*k([^a-z].*)?$') THEN 1024 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?t[._=-]*r[._=-]*a[._=-]*n[._=-]*s[._=-]*a[._=-]*c[._=-]*t[._=-]*i[._=-]*o[._=-]*n[._=-]*a[._=-]*l[._=-]*e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*c[._=-]*a[._=-]*m[._=-]*p[._=-]*a[._=-]*i[._=-]*g[._=-]*n[._=-]*s[._=-]*e[._=-]*n[._=-]*d([^a-z].*)?$') THEN 1025 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?t[._=-]*r[._=-]*a[._=-]*n[._=-]*s[._=-]*a[._=-]*c[._=-]*t[._=-]*i[._=-]*o[._=-]*n[._=-]*a[._=-]*l[._=-]*e[._=-]*m[._=-]*a[._=-]*i[._=-]*l[._=-]*f[._=-]*a[._=-]*i[._=-]*l[._=-]*e[._=-]*d([^a-z].*)?$') THEN 1026 ELSE 0 END
            + CASE WHEN REGEXP_LIKE(h.file_name, '^(.*[^a-z])?t[._=-]*r[._=-]*a[._=-]*n[._=-]*s[._=-]*a[._=-]*c[._=-]*t[._=-]*i[._=-]*o[._=-]*n[._=-]*a[._=-]*l[._=-]*o[._=-]*p[._=-]*e[._=-]*n([^a-z].*)?$') THEN 1027 ELSE 0 END END AS by_name
        FROM hashed AS h
    ),

    identified AS (
        SELECT n.*, SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n1, 15), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n1, 10), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n1, 5), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n1, 0), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n2, 15), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n2, 10), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n2, 5), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n2, 0), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n3, 15), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n3, 10), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n3, 5), 31)) + 1, 1) || SUBSTR('0123456789abcdefghjkmnpqrstvwxyz', (BITAND(BITSHIFTRIGHT(n.n3, 0), 31)) + 1, 1) AS drop_id
        FROM numbered AS n
    ),

    judged AS (
        SELECT
            l.drop_id,
            l.key,
            l.name,
            'prod/' || l.key AS file,
            l.version,
            l.size_bytes,
            l.modified,
            CASE WHEN LOWER(l.key) LIKE '%.ndjson' OR LOWER(l.key) LIKE '%.ndjson.gz' THEN 'ndjson' WHEN LOWER(l.key) LIKE '%.jsonl' OR LOWER(l.key) LIKE '%.jsonl.gz' THEN 'ndjson' WHEN LOWER(l.key) LIKE '%.json' OR LOWER(l.key) LIKE '%.json.gz' THEN 'json_array' END AS format,
            CASE WHEN LOWER(l.key) LIKE '%.gz' THEN 'gzip' ELSE 'none' END AS compression,
            NULL::NUMBER(38, 0) AS forced_no,
            CASE
                WHEN l.by_folder BETWEEN 1000 AND 1999 THEN l.by_folder - 1000
                WHEN l.by_folder = 0 AND l.by_name BETWEEN 1000 AND 1999 THEN l.by_name - 1000
            END AS default_no,
            CASE
                WHEN k.key IS NOT NULL THEN 'again'
                WHEN l.modified IS NULL OR l.version IS NULL THEN 'listing'
                WHEN
                    NOT regexp_like(l.key, '^[A-Za-z0-9._=/-]+$')
                    OR regexp_like(l.key, '^(.*/)?[.]{0,2}(/.*)?$') THEN 'name'
                WHEN CASE WHEN LOWER(l.key) LIKE '%.ndjson' OR LOWER(l.key) LIKE '%.ndjson.gz' THEN 'ndjson' WHEN LOWER(l.key) LIKE '%.jsonl' OR LOWER(l.key) LIKE '%.jsonl.gz' THEN 'ndjson' WHEN LOWER(l.key) LIKE '%.json' OR LOWER(l.key) LIKE '%.json.gz' THEN 'json_array' END IS NULL THEN 'form'
                WHEN l.size_bytes > 4294967296 THEN 'size'
            END AS why
        FROM identified AS l
        LEFT JOIN (
            SELECT drop_id
            FROM "DOTDIGITAL"."_FIREHOSE_DROPS"
            WHERE state IN ('loaded', 'quarantined', 'adopted')
        ) AS d ON l.drop_id = d.drop_id
        LEFT JOIN (SELECT DISTINCT key FROM "DOTDIGITAL"."_FIREHOSE_DROPS" WHERE source = 'prod') AS k ON l.key = k.key
        WHERE d.drop_id IS NULL AND (REGEXP_LIKE(l.key, '^.*$'))
    )

    SELECT
        j.drop_id,
        j.key,
        j.name,
        j.file,
        j.version,
        j.size_bytes,
        j.modified,
        j.format,
        j.compression,
        j.forced_no,
        j.default_no,
        j.why,
        CASE
            WHEN j.why IS NULL
                THEN row_number() OVER (
                    PARTITION BY CASE WHEN j.why IS NULL THEN 1 ELSE 0 END ORDER BY j.modified, j.key
                ) - 1
        END AS drop_no
    FROM judged AS j;
    UPDATE task_drops
    SET why = 'later'
    WHERE why IS NULL AND drop_no IN (SELECT d.drop_no FROM task_drops AS d WHERE d.drop_no >= 1000);
    SELECT t.value INTO :named
    FROM (SELECT coalesce(listagg(chr(39) || d.name || chr(39), ', ') WITHIN GROUP (ORDER BY d.drop_no), '')
    FROM task_drops AS d
    WHERE d.why IS NULL) AS t (value);
    IF (named = '') THEN
        SELECT t.value INTO :told
        FROM (SELECT
            '{"run_id": "' || :run_id || '", "loaded": ' || l.loaded::VARCHAR || ', "parsed": ' || l.parsed::VARCHAR
            || ', "inserted": ' || l.inserted::VARCHAR || ', "identical": ' || l.identical::VARCHAR
            || ', "left": {' || coalesce(w.reasons, '') || '}, "first": [' || coalesce(f.keys, '') || ']}' AS told
        FROM (
            SELECT
                count(*) AS loaded,
                coalesce(sum(rows_parsed), 0)::NUMBER(38, 0) AS parsed,
                coalesce(sum(rows_inserted), 0)::NUMBER(38, 0) AS inserted,
                coalesce(sum(rows_identical), 0)::NUMBER(38, 0) AS identical
            FROM "DOTDIGITAL"."_FIREHOSE_DROPS"
            WHERE run_id = :run_id
        ) AS l
        CROSS JOIN (
            SELECT listagg('"' || r.why || '": ' || r.drop_count::VARCHAR, ', ') WITHIN GROUP (ORDER BY r.why) AS reasons
            FROM (SELECT why, count(*) AS drop_count FROM task_drops WHERE why IS NOT NULL GROUP BY why) AS r
        ) AS w
        CROSS JOIN (
            SELECT listagg('"' || k.key || '"', ', ') WITHIN GROUP (ORDER BY k.place) AS keys
            FROM (
                SELECT
                    regexp_replace(substr(key, 1, 200), '[^A-Za-z0-9._=/ -]', '?') AS key,
                    row_number() OVER (ORDER BY modified, key) AS place
                FROM task_drops
                WHERE why IS NOT NULL
            ) AS k
            WHERE k.place <= 20
        ) AS f) AS t (value);
        RETURN told;
    END IF;
    CREATE OR REPLACE TEMPORARY TABLE external_documents (
        file VARCHAR,
        row_no NUMBER(38, 0),
        modified TIMESTAMP_NTZ,
        body VARIANT
    );
    CREATE OR REPLACE TEMPORARY TABLE external_files (
        file VARCHAR,
        drop_no NUMBER(38, 0),
        drop_id VARCHAR,
        modified TIMESTAMP_NTZ,
        forced_no NUMBER(38, 0),
        default_no NUMBER(38, 0),
        fields NUMBER(38, 0)
    );
    INSERT INTO external_files
    SELECT d.file, d.drop_no, d.drop_id, d.modified, d.forced_no, d.default_no, 0
    FROM task_drops AS d
    WHERE d.why IS NULL;
    reading := REPLACE('COPY INTO external_documents
    FROM (
        SELECT
            metadata$filename,
            metadata$file_row_number,
            metadata$file_last_modified,
            $1
        FROM @"MARKETING"."DOTDIGITAL"."FIREHOSE_PROD"
    )
    FILES = ({files})
    FILE_FORMAT = (
        TYPE = JSON
        COMPRESSION = AUTO
        STRIP_OUTER_ARRAY = TRUE
    )
    ON_ERROR = SKIP_FILE', '{files}', named);
    EXECUTE IMMEDIATE :reading;
    CREATE OR REPLACE TEMPORARY TABLE external_rows_0 AS
    SELECT
        0 * 1099511627776 + d.drop_no * 1073741824 + r.row_no AS seq,
        d.drop_no,
        d.drop_id,
        r.row_no,
        d.forced_no,
        d.default_no,
        coalesce(
            typeof(r.body) <> 'OBJECT'
            OR length(to_json(r.body)) > 8388608
            OR length(translate(to_json(r.body), '{[', '')) < length(to_json(r.body)) - 100
            OR date_trunc('second', r.modified) <> d.modified,
            TRUE
        ) AS odd,
        NULLIF(r.body['accountId']::VARCHAR, '') AS f0,
        TYPEOF(r.body['accountId']) AS f0_kind,
        NULLIF(r.body['campaignId']::VARCHAR, '') AS f1,
        TYPEOF(r.body['campaignId']) AS f1_kind,
        NULLIF(r.body['campaignName']::VARCHAR, '') AS f2,
        TYPEOF(r.body['campaignName']) AS f2_kind,
        NULLIF(r.body['clientIp']::VARCHAR, '') AS f3,
        TYPEOF(r.body['clientIp']) AS f3_kind,
        NULLIF(r.body['contactEmail']::VARCHAR, '') AS f4,
        TYPEOF(r.body['contactEmail']) AS f4_kind,
        NULLIF(r.body['contactId']::VARCHAR, '') AS f5,
        TYPEOF(r.body['contactId']) AS f5_kind,
        NULLIF(r.body['createdDate']::VARCHAR, '') AS f6,
        TYPEOF(r.body['createdDate']) AS f6_kind,
        NULLIF(r.body['dateCreated']::VARCHAR, '') AS f7,
        TYPEOF(r.body['dateCreated']) AS f7_kind,
        NULLIF(r.body['dateOccurred']::VARCHAR, '') AS f8,
        TYPEOF(r.body['dateOccurred']) AS f8_kind,
        NULLIF(r.body['dateOpened']::VARCHAR, '') AS f9,
        TYPEOF(r.body['dateOpened']) AS f9_kind,
        NULLIF(r.body['dateProcessed']::VARCHAR, '') AS f10,
        TYPEOF(r.body['dateProcessed']) AS f10_kind,
        NULLIF(r.body['email']::VARCHAR, '') AS f11,
        TYPEOF(r.body['email']) AS f11_kind,
        NULLIF(r.body['emailAddress']::VARCHAR, '') AS f12,
        TYPEOF(r.body['emailAddress']) AS f12_kind,
        NULLIF(r.body['emailClient']::VARCHAR, '') AS f13,
        TYPEOF(r.body['emailClient']) AS f13_kind,
        NULLIF(r.body['emailClientVersion']::VARCHAR, '') AS f14,
        TYPEOF(r.body['emailClientVersion']) AS f14_kind,
        NULLIF(r.body['eventDate']::VARCHAR, '') AS f15,
        TYPEOF(r.body['eventDate']) AS f15_kind,
        NULLIF(r.body['eventGuid']::VARCHAR, '') AS f16,
        TYPEOF(r.body['eventGuid']) AS f16_kind,
        NULLIF(r.body['eventId']::VARCHAR, '') AS f17,
        TYPEOF(r.body['eventId']) AS f17_kind,
        NULLIF(r.body['eventTime']::VARCHAR, '') AS f18,
        TYPEOF(r.body['eventTime']) AS f18_kind,
        NULLIF(r.body['eventTimestamp']::VARCHAR, '') AS f19,
        TYPEOF(r.body['eventTimestamp']) AS f19_kind,
        NULLIF(r.body['eventType']::VARCHAR, '') AS f20,
        TYPEOF(r.body['eventType']) AS f20_kind,
        NULLIF(r.body['eventUuid']::VARCHAR, '') AS f21,
        TYPEOF(r.body['eventUuid']) AS f21_kind,
        NULLIF(r.body['id']::VARCHAR, '') AS f22,
        TYPEOF(r.body['id']) AS f22_kind,
        NULLIF(r.body['ip']::VARCHAR, '') AS f23,
        TYPEOF(r.body['ip']) AS f23_kind,
        NULLIF(r.body['ipAddress']::VARCHAR, '') AS f24,
        TYPEOF(r.body['ipAddress']) AS f24_kind,
        NULLIF(r.body['isForward']::VARCHAR, '') AS f25,
        TYPEOF(r.body['isForward']) AS f25_kind,
        NULLIF(r.body['isForwarded']::VARCHAR, '') AS f26,
        TYPEOF(r.body['isForwarded']) AS f26_kind,
        NULLIF(r.body['isHtml']::VARCHAR, '') AS f27,
        TYPEOF(r.body['isHtml']) AS f27_kind,
        NULLIF(r.body['mailClient']::VARCHAR, '') AS f28,
        TYPEOF(r.body['mailClient']) AS f28_kind,
        NULLIF(r.body['mailClientVersion']::VARCHAR, '') AS f29,
        TYPEOF(r.body['mailClientVersion']) AS f29_kind,
        NULLIF(r.body['occurredAt']::VARCHAR, '') AS f30,
        TYPEOF(r.body['occurredAt']) AS f30_kind,
        NULLIF(r.body['openDate']::VARCHAR, '') AS f31,
        TYPEOF(r.body['openDate']) AS f31_kind,
        NULLIF(r.body['openedDate']::VARCHAR, '') AS f32,
        TYPEOF(r.body['openedDate']) AS f32_kind,
        NULLIF(r.body['processedAt']::VARCHAR, '') AS f33,
        TYPEOF(r.body['processedAt']) AS f33_kind,
        NULLIF(r.body['processedDate']::VARCHAR, '') AS f34,
        TYPEOF(r.body['processedDate']) AS f34_kind,
        NULLIF(r.body['recipientEmail']::VARCHAR, '') AS f35,
        TYPEOF(r.body['recipientEmail']) AS f35_kind,
        NULLIF(r.body['timeStamp']::VARCHAR, '') AS f36,
        TYPEOF(r.body['timeStamp']) AS f36_kind,
        NULLIF(r.body['userAccountId']::VARCHAR, '') AS f37,
        TYPEOF(r.body['userAccountId']) AS f37_kind,
        NULLIF(r.body['userAgent']::VARCHAR, '') AS f38,
        TYPEOF(r.body['userAgent']) AS f38_kind,
        CASE WHEN TYPEOF(r.body['data']) <> 'OBJECT' THEN NULLIF(r.body['data']::VARCHAR, '') END AS f39,
        TYPEOF(r.body['data']) AS f39_kind,
        NULLIF(r.body['data']['accountId']::VARCHAR, '') AS f40,
        TYPEOF(r.body['data']['accountId']) AS f40_kind,
        NULLIF(r.body['data']['campaignId']::VARCHAR, '') AS f41,
        TYPEOF(r.body['data']['campaignId']) AS f41_kind,
        NULLIF(r.body['data']['campaignName']::VARCHAR, '') AS f42,
        TYPEOF(r.body['data']['campaignName']) AS f42_kind,
        NULLIF(r.body['data']['clientIp']::VARCHAR, '') AS f43,
        TYPEOF(r.body['data']['clientIp']) AS f43_kind,
        NULLIF(r.body['data']['contactEmail']::VARCHAR, '') AS f44,
        TYPEOF(r.body['data']['contactEmail']) AS f44_kind,
        NULLIF(r.body['data']['contactId']::VARCHAR, '') AS f45,
        TYPEOF(r.body['data']['contactId']) AS f45_kind,
        NULLIF(r.body['data']['createdDate']::VARCHAR, '') AS f46,
        TYPEOF(r.body['data']['createdDate']) AS f46_kind,
        NULLIF(r.body['data']['dateCreated']::VARCHAR, '') AS f47,
        TYPEOF(r.body['data']['dateCreated']) AS f47_kind,
        NULLIF(r.body['data']['dateOccurred']::VARCHAR, '') AS f48,
        TYPEOF(r.body['data']['dateOccurred']) AS f48_kind,
        NULLIF(r.body['data']['dateOpened']::VARCHAR, '') AS f49,
        TYPEOF(r.body['data']['dateOpened']) AS f49_kind,
        NULLIF(r.body['data']['dateProcessed']::VARCHAR, '') AS f50,
        TYPEOF(r.body['data']['dateProcessed']) AS f50_kind,
        NULLIF(r.body['data']['email']::VARCHAR, '') AS f51,
        TYPEOF(r.body['data']['email']) AS f51_kind,
        NULLIF(r.body['data']['emailAddress']::VARCHAR, '') AS f52,
        TYPEOF(r.body['data']['emailAddress']) AS f52_kind,
        NULLIF(r.body['data']['emailClient']::VARCHAR, '') AS f53,
        TYPEOF(r.body['data']['emailClient']) AS f53_kind,
        NULLIF(r.body['data']['emailClientVersion']::VARCHAR, '') AS f54,
        TYPEOF(r.body['data']['emailClientVersion']) AS f54_kind,
        NULLIF(r.body['data']['eventDate']::VARCHAR, '') AS f55,
        TYPEOF(r.body['data']['eventDate']) AS f55_kind,
        NULLIF(r.body['data']['eventGuid']::VARCHAR, '') AS f56,
        TYPEOF(r.body['data']['eventGuid']) AS f56_kind,
        NULLIF(r.body['data']['eventId']::VARCHAR, '') AS f57,
        TYPEOF(r.body['data']['eventId']) AS f57_kind,
        NULLIF(r.body['data']['eventTime']::VARCHAR, '') AS f58,
        TYPEOF(r.body['data']['eventTime']) AS f58_kind,
        NULLIF(r.body['data']['eventTimestamp']::VARCHAR, '') AS f59,
        TYPEOF(r.body['data']['eventTimestamp']) AS f59_kind,
        NULLIF(r.body['data']['eventUuid']::VARCHAR, '') AS f60,
        TYPEOF(r.body['data']['eventUuid']) AS f60_kind,
        NULLIF(r.body['data']['id']::VARCHAR, '') AS f61,
        TYPEOF(r.body['data']['id']) AS f61_kind,
        NULLIF(r.body['data']['ip']::VARCHAR, '') AS f62,
        TYPEOF(r.body['data']['ip']) AS f62_kind,
        NULLIF(r.body['data']['ipAddress']::VARCHAR, '') AS f63,
        TYPEOF(r.body['data']['ipAddress']) AS f63_kind,
        NULLIF(r.body['data']['isForward']::VARCHAR, '') AS f64,
        TYPEOF(r.body['data']['isForward']) AS f64_kind,
        NULLIF(r.body['data']['isForwarded']::VARCHAR, '') AS f65,
        TYPEOF(r.body['data']['isForwarded']) AS f65_kind,
        NULLIF(r.body['data']['isHtml']::VARCHAR, '') AS f66,
        TYPEOF(r.body['data']['isHtml']) AS f66_kind,
        NULLIF(r.body['data']['mailClient']::VARCHAR, '') AS f67,
        TYPEOF(r.body['data']['mailClient']) AS f67_kind,
        NULLIF(r.body['data']['mailClientVersion']::VARCHAR, '') AS f68,
        TYPEOF(r.body['data']['mailClientVersion']) AS f68_kind,
        NULLIF(r.body['data']['occurredAt']::VARCHAR, '') AS f69,
        TYPEOF(r.body['data']['occurredAt']) AS f69_kind,
        NULLIF(r.body['data']['openDate']::VARCHAR, '') AS f70,
        TYPEOF(r.body['data']['openDate']) AS f70_kind,
        NULLIF(r.body['data']['openedDate']::VARCHAR, '') AS f71,
        TYPEOF(r.body['data']['openedDate']) AS f71_kind,
        NULLIF(r.body['data']['processedAt']::VARCHAR, '') AS f72,
        TYPEOF(r.body['data']['processedAt']) AS f72_kind,
        NULLIF(r.body['data']['processedDate']::VARCHAR, '') AS f73,
        TYPEOF(r.body['data']['processedDate']) AS f73_kind,
        NULLIF(r.body['data']['recipientEmail']::VARCHAR, '') AS f74,
        TYPEOF(r.body['data']['recipientEmail']) AS f74_kind,
        NULLIF(r.body['data']['timeStamp']::VARCHAR, '') AS f75,
        TYPEOF(r.body['data']['timeStamp']) AS f75_kind,
        NULLIF(r.body['data']['userAccountId']::VARCHAR, '') AS f76,
        TYPEOF(r.body['data']['userAccountId']) AS f76_kind,
        NULLIF(r.body['data']['userAgent']::VARCHAR, '') AS f77,
        TYPEOF(r.body['data']['userAgent']) AS f77_kind
    FROM external_documents AS r
    INNER JOIN external_files AS d ON r.file = d.file
    WHERE d.fields = 0;
    UPDATE task_drops
    SET why = 'unreadable'
    WHERE why IS NULL AND drop_no IN (SELECT d.drop_no FROM task_drops AS d WHERE d.drop_no NOT IN (SELECT r.drop_no FROM external_rows_0 AS r));
    UPDATE task_drops
    SET why = 'size'
    WHERE why IS NULL AND drop_no IN (SELECT r.drop_no FROM external_rows_0 AS r GROUP BY r.drop_no HAVING count(*) > 100000000);
    UPDATE task_drops
    SET why = 'fields'
    WHERE why IS NULL AND drop_no IN (SELECT d.drop_no
    FROM external_files AS d
    INNER JOIN (SELECT DISTINCT r.file, f.key::VARCHAR AS name
    FROM
        external_documents AS r,
        LATERAL flatten(INPUT => CASE WHEN typeof(r.body) = 'OBJECT' THEN r.body END) AS f) AS n ON d.file = n.file
    WHERE n.name NOT IN ('accountId', 'campaignId', 'campaignName', 'clientIp', 'contactEmail', 'contactId', 'createdDate', 'dateCreated', 'dateOccurred', 'dateOpened', 'dateProcessed', 'email', 'emailAddress', 'emailClient', 'emailClientVersion', 'eventDate', 'eventGuid', 'eventId', 'eventTime', 'eventTimestamp', 'eventType', 'eventUuid', 'id', 'ip', 'ipAddress', 'isForward', 'isForwarded', 'isHtml', 'mailClient', 'mailClientVersion', 'occurredAt', 'openDate', 'openedDate', 'processedAt', 'processedDate', 'recipientEmail', 'timeStamp', 'userAccountId', 'userAgent', 'data'));
    UPDATE task_drops
    SET why = 'fields'
    WHERE why IS NULL AND drop_no IN (SELECT d.drop_no
    FROM external_files AS d
    INNER JOIN (SELECT DISTINCT r.file, f.key::VARCHAR AS name
    FROM
        external_documents AS r,
        LATERAL flatten(INPUT => CASE WHEN typeof(r.body['data']) = 'OBJECT' THEN r.body['data'] END) AS f) AS n ON d.file = n.file
    WHERE n.name NOT IN ('accountId', 'campaignId', 'campaignName', 'clientIp', 'contactEmail', 'contactId', 'createdDate', 'dateCreated', 'dateOccurred', 'dateOpened', 'dateProcessed', 'email', 'emailAddress', 'emailClient', 'emailClientVersion', 'eventDate', 'eventGuid', 'eventId', 'eventTime', 'eventTimestamp', 'eventUuid', 'id', 'ip', 'ipAddress', 'isForward', 'isForwarded', 'isHtml', 'mailClient', 'mailClientVersion', 'occurredAt', 'openDate', 'openedDate', 'processedAt', 'processedDate', 'recipientEmail', 'timeStamp', 'userAccountId', 'userAgent'));
    UPDATE task_drops
    SET why = 'schema'
    WHERE why IS NULL AND drop_no IN (SELECT t.drop_no FROM (SELECT r.drop_no, COALESCE(r.forced_no, CASE r.f20 WHEN 'campaign.send' THEN 1 WHEN 'email.click' THEN 2 WHEN 'email.doubleOptIn' THEN 3 WHEN 'email.failed' THEN 4 WHEN 'email.ispComplained' THEN 5 WHEN 'email.open' THEN 6 WHEN 'email.reply' THEN 7 WHEN 'email.send' THEN 8 WHEN 'email.unsubscribed' THEN 9 WHEN 'email.view' THEN 10 WHEN 'interaction.pushClick' THEN 11 WHEN 'interaction.socialShare' THEN 12 WHEN 'landingPage.view' THEN 13 WHEN 'page.view' THEN 14 WHEN 'pushNotification.error' THEN 15 WHEN 'pushNotification.send' THEN 16 WHEN 'sms.click' THEN 17 WHEN 'sms.delivered' THEN 18 WHEN 'sms.failed' THEN 19 WHEN 'sms.remove' THEN 20 WHEN 'sms.reply' THEN 21 WHEN 'sms.send' THEN 22 WHEN 'sms.unsubscribed' THEN 23 WHEN 'transactional.click' THEN 24 WHEN 'transactional.emailCampaignSend' THEN 25 WHEN 'transactional.emailFailed' THEN 26 WHEN 'transactional.open' THEN 27 END, CASE WHEN LOWER(TRIM(r.f20)) NOT IN ('', 'null', CHR(92) || 'n') THEN 0 END, r.default_no, 0) AS type_no, count(*) AS row_count
    FROM external_rows_0 AS r
    WHERE r.drop_no BETWEEN 0 AND 999
    GROUP BY 1, 2) AS t WHERE t.type_no NOT IN (6));
    UPDATE task_drops
    SET why = 'rows'
    WHERE why IS NULL AND drop_no IN (SELECT DISTINCT r.drop_no
    FROM external_rows_0 AS r
    WHERE
        r.drop_no BETWEEN 0 AND 999
        AND COALESCE(r.forced_no, CASE r.f20 WHEN 'campaign.send' THEN 1 WHEN 'email.click' THEN 2 WHEN 'email.doubleOptIn' THEN 3 WHEN 'email.failed' THEN 4 WHEN 'email.ispComplained' THEN 5 WHEN 'email.open' THEN 6 WHEN 'email.reply' THEN 7 WHEN 'email.send' THEN 8 WHEN 'email.unsubscribed' THEN 9 WHEN 'email.view' THEN 10 WHEN 'interaction.pushClick' THEN 11 WHEN 'interaction.socialShare' THEN 12 WHEN 'landingPage.view' THEN 13 WHEN 'page.view' THEN 14 WHEN 'pushNotification.error' THEN 15 WHEN 'pushNotification.send' THEN 16 WHEN 'sms.click' THEN 17 WHEN 'sms.delivered' THEN 18 WHEN 'sms.failed' THEN 19 WHEN 'sms.remove' THEN 20 WHEN 'sms.reply' THEN 21 WHEN 'sms.send' THEN 22 WHEN 'sms.unsubscribed' THEN 23 WHEN 'transactional.click' THEN 24 WHEN 'transactional.emailCampaignSend' THEN 25 WHEN 'transactional.emailFailed' THEN 26 WHEN 'transactional.open' THEN 27 END, CASE WHEN LOWER(TRIM(r.f20)) NOT IN ('', 'null', CHR(92) || 'n') THEN 0 END, r.default_no, 0) = 6
        AND NOT coalesce(NOT r.odd
        AND COALESCE(r.f0, r.f1, r.f2, r.f3, r.f4, r.f5, r.f6, r.f7, r.f8, r.f9, r.f10, r.f11, r.f12, r.f13, r.f14, r.f15, r.f16, r.f17, r.f18, r.f19, r.f20, r.f21, r.f22, r.f23, r.f24, r.f25, r.f26, r.f27, r.f28, r.f29, r.f30, r.f31, r.f32, r.f33, r.f34, r.f35, r.f36, r.f37, r.f38, r.f39, r.f40, r.f41, r.f42, r.f43, r.f44, r.f45, r.f46, r.f47, r.f48, r.f49, r.f50, r.f51, r.f52, r.f53, r.f54, r.f55, r.f56, r.f57, r.f58, r.f59, r.f60, r.f61, r.f62, r.f63, r.f64, r.f65, r.f66, r.f67, r.f68, r.f69, r.f70, r.f71, r.f72, r.f73, r.f74, r.f75, r.f76, r.f77, NULL) IS NOT NULL
        AND IFF(r.f17 IS NULL, 0, 1) + IFF(r.f57 IS NULL, 0, 1) + IFF(r.f16 IS NULL, 0, 1) + IFF(r.f56 IS NULL, 0, 1) + IFF(r.f21 IS NULL, 0, 1) + IFF(r.f60 IS NULL, 0, 1) + IFF(r.f22 IS NULL, 0, 1) <= 1
        AND IFF(r.f15 IS NULL, 0, 1) + IFF(r.f55 IS NULL, 0, 1) + IFF(r.f9 IS NULL, 0, 1) + IFF(r.f49 IS NULL, 0, 1) + IFF(r.f32 IS NULL, 0, 1) + IFF(r.f71 IS NULL, 0, 1) + IFF(r.f31 IS NULL, 0, 1) + IFF(r.f70 IS NULL, 0, 1) + IFF(r.f36 IS NULL, 0, 1) + IFF(r.f75 IS NULL, 0, 1) + IFF(r.f19 IS NULL, 0, 1) + IFF(r.f59 IS NULL, 0, 1) + IFF(r.f18 IS NULL, 0, 1) + IFF(r.f58 IS NULL, 0, 1) + IFF(r.f30 IS NULL, 0, 1) + IFF(r.f69 IS NULL, 0, 1) + IFF(r.f8 IS NULL, 0, 1) + IFF(r.f48 IS NULL, 0, 1) + IFF(r.f6 IS NULL, 0, 1) + IFF(r.f46 IS NULL, 0, 1) + IFF(r.f7 IS NULL, 0, 1) + IFF(r.f47 IS NULL, 0, 1) <= 1
        AND IFF(r.f34 IS NULL, 0, 1) + IFF(r.f73 IS NULL, 0, 1) + IFF(r.f33 IS NULL, 0, 1) + IFF(r.f72 IS NULL, 0, 1) + IFF(r.f10 IS NULL, 0, 1) + IFF(r.f50 IS NULL, 0, 1) <= 1
        AND IFF(r.f0 IS NULL, 0, 1) + IFF(r.f40 IS NULL, 0, 1) + IFF(r.f37 IS NULL, 0, 1) + IFF(r.f76 IS NULL, 0, 1) <= 1
        AND IFF(r.f5 IS NULL, 0, 1) + IFF(r.f45 IS NULL, 0, 1) <= 1
        AND IFF(r.f11 IS NULL, 0, 1) + IFF(r.f51 IS NULL, 0, 1) + IFF(r.f12 IS NULL, 0, 1) + IFF(r.f52 IS NULL, 0, 1) + IFF(r.f4 IS NULL, 0, 1) + IFF(r.f44 IS NULL, 0, 1) + IFF(r.f35 IS NULL, 0, 1) + IFF(r.f74 IS NULL, 0, 1) <= 1
        AND IFF(r.f1 IS NULL, 0, 1) + IFF(r.f41 IS NULL, 0, 1) <= 1
        AND IFF(r.f2 IS NULL, 0, 1) + IFF(r.f42 IS NULL, 0, 1) <= 1
        AND IFF(r.f28 IS NULL, 0, 1) + IFF(r.f67 IS NULL, 0, 1) + IFF(r.f13 IS NULL, 0, 1) + IFF(r.f53 IS NULL, 0, 1) <= 1
        AND IFF(r.f29 IS NULL, 0, 1) + IFF(r.f68 IS NULL, 0, 1) + IFF(r.f14 IS NULL, 0, 1) + IFF(r.f54 IS NULL, 0, 1) <= 1
        AND IFF(r.f24 IS NULL, 0, 1) + IFF(r.f63 IS NULL, 0, 1) + IFF(r.f23 IS NULL, 0, 1) + IFF(r.f62 IS NULL, 0, 1) + IFF(r.f3 IS NULL, 0, 1) + IFF(r.f43 IS NULL, 0, 1) <= 1
        AND IFF(r.f38 IS NULL, 0, 1) + IFF(r.f77 IS NULL, 0, 1) <= 1
        AND IFF(r.f27 IS NULL, 0, 1) + IFF(r.f66 IS NULL, 0, 1) <= 1
        AND IFF(r.f25 IS NULL, 0, 1) + IFF(r.f64 IS NULL, 0, 1) + IFF(r.f26 IS NULL, 0, 1) + IFF(r.f65 IS NULL, 0, 1) <= 1
        AND (COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47) IS NULL OR (REGEXP_LIKE(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), '^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$') AND CASE WHEN REGEXP_LIKE(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), '^.{19,26}[+-][0-9]{2}:[0-9]{2}$') THEN DATEADD('minute', (CASE WHEN SUBSTR(RIGHT(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), 6), 1, 1) = '-' THEN 1 ELSE -1 END) * (TRY_CAST(SUBSTR(RIGHT(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), 6), 2, 2) AS NUMBER(38, 0)) * 60 + TRY_CAST(RIGHT(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), 2) AS NUMBER(38, 0))), TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' '))) ELSE TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' ')) END IS NOT NULL))
        AND (COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50) IS NULL OR (REGEXP_LIKE(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), '^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$') AND CASE WHEN REGEXP_LIKE(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), '^.{19,26}[+-][0-9]{2}:[0-9]{2}$') THEN DATEADD('minute', (CASE WHEN SUBSTR(RIGHT(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), 6), 1, 1) = '-' THEN 1 ELSE -1 END) * (TRY_CAST(SUBSTR(RIGHT(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), 6), 2, 2) AS NUMBER(38, 0)) * 60 + TRY_CAST(RIGHT(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), 2) AS NUMBER(38, 0))), TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' '))) ELSE TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' ')) END IS NOT NULL) OR (REGEXP_LIKE(LEFT(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), 1), '^[A-Za-z]$') AND LOWER(TRIM(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50))) <> 'null'))
        AND (COALESCE(r.f0, r.f40, r.f37, r.f76) IS NULL OR (REGEXP_LIKE(COALESCE(r.f0, r.f40, r.f37, r.f76), '^-?(0|[1-9][0-9]{0,17})$')) OR (REGEXP_LIKE(LEFT(COALESCE(r.f0, r.f40, r.f37, r.f76), 1), '^[A-Za-z]$') AND LOWER(TRIM(COALESCE(r.f0, r.f40, r.f37, r.f76))) <> 'null'))
        AND (COALESCE(r.f5, r.f45) IS NULL OR (REGEXP_LIKE(COALESCE(r.f5, r.f45), '^-?(0|[1-9][0-9]{0,17})$')) OR (REGEXP_LIKE(LEFT(COALESCE(r.f5, r.f45), 1), '^[A-Za-z]$') AND LOWER(TRIM(COALESCE(r.f5, r.f45))) <> 'null'))
        AND (COALESCE(r.f1, r.f41) IS NULL OR (REGEXP_LIKE(COALESCE(r.f1, r.f41), '^-?(0|[1-9][0-9]{0,17})$')) OR (REGEXP_LIKE(LEFT(COALESCE(r.f1, r.f41), 1), '^[A-Za-z]$') AND LOWER(TRIM(COALESCE(r.f1, r.f41))) <> 'null'))
        AND (COALESCE(r.f27, r.f66) IS NULL OR (LOWER(COALESCE(r.f27, r.f66)) IN ('true', 'false')))
        AND (COALESCE(r.f25, r.f64, r.f26, r.f65) IS NULL OR (LOWER(COALESCE(r.f25, r.f64, r.f26, r.f65)) IN ('true', 'false')))
        AND (r.f39 IS NULL OR (LEFT(r.f39, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.f39) IS NOT NULL AND NOT CONTAINS(LOWER(r.f39), 'nan') AND NOT CONTAINS(LOWER(r.f39), 'inf')))
        AND (REGEXP_LIKE(LOWER(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22)), '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') AND COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22) <> '00000000-0000-0000-0000-000000000000' OR LOWER(TRIM(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22))) NOT IN ('', 'null') AND NOT CONTAINS(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22), CHR(92)) AND NOT REGEXP_LIKE(REGEXP_REPLACE(LOWER(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22)), '[^0-9a-z]', ''), '^[0-9a-f]{32}$'))
        AND COALESCE(r.f20 IN ('email.open'), TRUE)
        AND r.f61 IS NULL
        AND COALESCE(r.f17_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f57_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f16_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f56_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f21_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f60_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f22_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f11_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f51_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f12_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f52_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f4_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f44_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f35_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f74_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f2_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f42_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f28_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f67_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f13_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f53_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f29_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f68_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f14_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f54_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f24_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f63_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f23_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f62_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f3_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f43_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f38_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)
        AND COALESCE(r.f77_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE), FALSE));
    WHILE (going) DO
        DELETE FROM external_rows_0
        WHERE drop_no NOT IN (SELECT d.drop_no FROM task_drops AS d WHERE d.why IS NULL);
        SELECT t.value INTO :few
        FROM (SELECT count(*) FROM task_drops WHERE why IS NULL) AS t (value);
        IF (few = 0) THEN
            BREAK;
        END IF;
        CREATE OR REPLACE TEMPORARY TABLE staged_keys (
            seq NUMBER(38, 0),
            drop_no NUMBER(38, 0),
            row_no NUMBER(38, 0),
            type_no NUMBER(38, 0),
            _key VARCHAR(36),
            stamp TIMESTAMP_NTZ
        );
        CREATE OR REPLACE TEMPORARY TABLE staged_faults (
            seq NUMBER(38, 0),
            drop_no NUMBER(38, 0),
            row_no NUMBER(38, 0),
            type_no NUMBER(38, 0),
            reason VARCHAR,
            field VARCHAR,
            message VARCHAR
        );
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
        INSERT INTO "STAGED_ROWS_0" (_seq, _drop_no, _drop_id, _row_no, _key, "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MAIL_CLIENT", "MAIL_CLIENT_VERSION", "IP_ADDRESS", "USER_AGENT", "IS_HTML", "IS_FORWARD", "DATA", _rescued)
        SELECT
            r.seq,
            r.drop_no - 0,
            r.drop_id,
            r.row_no,
            CASE WHEN REGEXP_LIKE(LOWER(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22)), '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') THEN LOWER(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22)) ELSE SUBSTR(MD5(TRIM(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22))), 1, 8) || '-' || SUBSTR(MD5(TRIM(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22))), 9, 4) || '-' || SUBSTR(MD5(TRIM(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22))), 13, 4) || '-' || SUBSTR(MD5(TRIM(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22))), 17, 4) || '-' || SUBSTR(MD5(TRIM(COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22))), 21, 12) END,
            COALESCE(r.f17, r.f57, r.f16, r.f56, r.f21, r.f60, r.f22),
            'email.open',
            CASE WHEN REGEXP_LIKE(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), '^.{19,26}[+-][0-9]{2}:[0-9]{2}$') THEN DATEADD('minute', (CASE WHEN SUBSTR(RIGHT(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), 6), 1, 1) = '-' THEN 1 ELSE -1 END) * (TRY_CAST(SUBSTR(RIGHT(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), 6), 2, 2) AS NUMBER(38, 0)) * 60 + TRY_CAST(RIGHT(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), 2) AS NUMBER(38, 0))), TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' '))) ELSE TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(COALESCE(r.f15, r.f55, r.f9, r.f49, r.f32, r.f71, r.f31, r.f70, r.f36, r.f75, r.f19, r.f59, r.f18, r.f58, r.f30, r.f69, r.f8, r.f48, r.f6, r.f46, r.f7, r.f47), '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' ')) END,
            CASE WHEN REGEXP_LIKE(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), '^.{19,26}[+-][0-9]{2}:[0-9]{2}$') THEN DATEADD('minute', (CASE WHEN SUBSTR(RIGHT(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), 6), 1, 1) = '-' THEN 1 ELSE -1 END) * (TRY_CAST(SUBSTR(RIGHT(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), 6), 2, 2) AS NUMBER(38, 0)) * 60 + TRY_CAST(RIGHT(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), 2) AS NUMBER(38, 0))), TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' '))) ELSE TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(COALESCE(r.f34, r.f73, r.f33, r.f72, r.f10, r.f50), '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' ')) END,
            TRY_CAST(COALESCE(r.f0, r.f40, r.f37, r.f76) AS NUMBER(38, 0)),
            TRY_CAST(COALESCE(r.f5, r.f45) AS NUMBER(38, 0)),
            COALESCE(r.f11, r.f51, r.f12, r.f52, r.f4, r.f44, r.f35, r.f74),
            TRY_CAST(COALESCE(r.f1, r.f41) AS NUMBER(38, 0)),
            COALESCE(r.f2, r.f42),
            COALESCE(r.f28, r.f67, r.f13, r.f53),
            COALESCE(r.f29, r.f68, r.f14, r.f54),
            COALESCE(r.f24, r.f63, r.f23, r.f62, r.f3, r.f43),
            COALESCE(r.f38, r.f77),
            (LOWER(COALESCE(r.f27, r.f66)) = 'true'),
            (LOWER(COALESCE(r.f25, r.f64, r.f26, r.f65)) = 'true'),
            r.f39,
            CASE WHEN CASE WHEN (REGEXP_LIKE(LEFT(r.f34, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f34)) <> 'null') THEN r.f34 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f73, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f73)) <> 'null') THEN r.f73 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f33, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f33)) <> 'null') THEN r.f33 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f72, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f72)) <> 'null') THEN r.f72 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f10, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f10)) <> 'null') THEN r.f10 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f50, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f50)) <> 'null') THEN r.f50 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f0, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f0)) <> 'null') THEN r.f0 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f40, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f40)) <> 'null') THEN r.f40 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f37, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f37)) <> 'null') THEN r.f37 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f76, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f76)) <> 'null') THEN r.f76 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f5, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f5)) <> 'null') THEN r.f5 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f45, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f45)) <> 'null') THEN r.f45 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f1, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f1)) <> 'null') THEN r.f1 END IS NOT NULL OR CASE WHEN (REGEXP_LIKE(LEFT(r.f41, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f41)) <> 'null') THEN r.f41 END IS NOT NULL THEN TO_JSON(OBJECT_CONSTRUCT('processedDate', CASE WHEN (REGEXP_LIKE(LEFT(r.f34, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f34)) <> 'null') THEN r.f34 END, 'data.processedDate', CASE WHEN (REGEXP_LIKE(LEFT(r.f73, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f73)) <> 'null') THEN r.f73 END, 'processedAt', CASE WHEN (REGEXP_LIKE(LEFT(r.f33, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f33)) <> 'null') THEN r.f33 END, 'data.processedAt', CASE WHEN (REGEXP_LIKE(LEFT(r.f72, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f72)) <> 'null') THEN r.f72 END, 'dateProcessed', CASE WHEN (REGEXP_LIKE(LEFT(r.f10, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f10)) <> 'null') THEN r.f10 END, 'data.dateProcessed', CASE WHEN (REGEXP_LIKE(LEFT(r.f50, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f50)) <> 'null') THEN r.f50 END, 'accountId', CASE WHEN (REGEXP_LIKE(LEFT(r.f0, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f0)) <> 'null') THEN r.f0 END, 'data.accountId', CASE WHEN (REGEXP_LIKE(LEFT(r.f40, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f40)) <> 'null') THEN r.f40 END, 'userAccountId', CASE WHEN (REGEXP_LIKE(LEFT(r.f37, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f37)) <> 'null') THEN r.f37 END, 'data.userAccountId', CASE WHEN (REGEXP_LIKE(LEFT(r.f76, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f76)) <> 'null') THEN r.f76 END, 'contactId', CASE WHEN (REGEXP_LIKE(LEFT(r.f5, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f5)) <> 'null') THEN r.f5 END, 'data.contactId', CASE WHEN (REGEXP_LIKE(LEFT(r.f45, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f45)) <> 'null') THEN r.f45 END, 'campaignId', CASE WHEN (REGEXP_LIKE(LEFT(r.f1, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f1)) <> 'null') THEN r.f1 END, 'data.campaignId', CASE WHEN (REGEXP_LIKE(LEFT(r.f41, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f41)) <> 'null') THEN r.f41 END)) END
        FROM external_rows_0 AS r
        WHERE r.drop_no BETWEEN 0 AND 999 AND COALESCE(r.forced_no, CASE r.f20 WHEN 'campaign.send' THEN 1 WHEN 'email.click' THEN 2 WHEN 'email.doubleOptIn' THEN 3 WHEN 'email.failed' THEN 4 WHEN 'email.ispComplained' THEN 5 WHEN 'email.open' THEN 6 WHEN 'email.reply' THEN 7 WHEN 'email.send' THEN 8 WHEN 'email.unsubscribed' THEN 9 WHEN 'email.view' THEN 10 WHEN 'interaction.pushClick' THEN 11 WHEN 'interaction.socialShare' THEN 12 WHEN 'landingPage.view' THEN 13 WHEN 'page.view' THEN 14 WHEN 'pushNotification.error' THEN 15 WHEN 'pushNotification.send' THEN 16 WHEN 'sms.click' THEN 17 WHEN 'sms.delivered' THEN 18 WHEN 'sms.failed' THEN 19 WHEN 'sms.remove' THEN 20 WHEN 'sms.reply' THEN 21 WHEN 'sms.send' THEN 22 WHEN 'sms.unsubscribed' THEN 23 WHEN 'transactional.click' THEN 24 WHEN 'transactional.emailCampaignSend' THEN 25 WHEN 'transactional.emailFailed' THEN 26 WHEN 'transactional.open' THEN 27 END, CASE WHEN LOWER(TRIM(r.f20)) NOT IN ('', 'null', CHR(92) || 'n') THEN 0 END, r.default_no, 0) = 6;
        INSERT INTO staged_keys (seq, drop_no, row_no, type_no, _key, stamp)
        SELECT r._seq, r._drop_no, r._row_no, 6, r._key, r."PROCESSED_DATE"
        FROM "STAGED_ROWS_0" AS r;
        loaded_at := SYSDATE();
        put_in := 0;
        BEGIN TRANSACTION;
        UPDATE "DOTDIGITAL"."_FIREHOSE_LEASES"
        SET holder = :run_id, taken_at = :loaded_at::TIMESTAMP_NTZ
        WHERE name = 'writer';
        DELETE FROM staged_duplicates;
        INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, repeated)
        SELECT seq, drop_no, row_no, type_no, _key, true
        FROM staged_keys
        WHERE type_no IN (SELECT l.value::NUMBER(38, 0) FROM table(flatten(INPUT => parse_json('[6]'))) AS l)
        QUALIFY row_number() OVER (PARTITION BY type_no, _key ORDER BY drop_no, row_no) > 1;
        INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, repeated)
        SELECT k.seq, k.drop_no, k.row_no, k.type_no, k._key, false
        FROM staged_keys AS k
        LEFT JOIN staged_duplicates AS d ON k.seq = d.seq
        WHERE
            k.type_no = 6
            AND d.seq IS NULL
            AND k._key IN (
                SELECT t."_KEY"
                FROM "DOTDIGITAL"."EMAIL_OPEN" AS t
                INNER JOIN (SELECT DISTINCT _key FROM staged_keys WHERE type_no = 6) AS s ON t."_KEY" = s._key
                WHERE
                    NULL IS NULL
                    OR t."EVENT_DATE" IS NULL
                    OR t."EVENT_DATE" BETWEEN NULL::TIMESTAMP_NTZ AND NULL::TIMESTAMP_NTZ
            );
        MERGE INTO "DOTDIGITAL"."EMAIL_OPEN" AS t
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
                    NULL IS NULL
                    OR t."EVENT_DATE" IS NULL
                    OR t."EVENT_DATE" BETWEEN NULL::TIMESTAMP_NTZ AND NULL::TIMESTAMP_NTZ
                )
        WHEN NOT MATCHED THEN INSERT
            ("EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MAIL_CLIENT", "MAIL_CLIENT_VERSION", "IP_ADDRESS", "USER_AGENT", "IS_HTML", "IS_FORWARD", "DATA", "_KEY", "_DROP_ID", "_ROW", "_SCHEMA_VERSION", "_LOADED_AT", "_RESCUED")
        VALUES
        (s."EVENT_ID", s."EVENT_TYPE", s."EVENT_DATE", s."PROCESSED_DATE", s."ACCOUNT_ID", s."CONTACT_ID", s."EMAIL", s."CAMPAIGN_ID", s."CAMPAIGN_NAME", s."MAIL_CLIENT", s."MAIL_CLIENT_VERSION", s."IP_ADDRESS", s."USER_AGENT", s."IS_HTML", s."IS_FORWARD", s."DATA", s._key, s._drop_id, s._row_no, '1-0-0', :loaded_at::TIMESTAMP_NTZ, s._rescued);
        put_in := put_in + SQLROWCOUNT;
        INSERT INTO "DOTDIGITAL"."_FIREHOSE_DIGESTS"
        SELECT
            t."_DROP_ID",
            'email_open',
            count(*),
            bitxor_agg(hash(hash(t."_KEY", BITXOR(BITXOR(BITXOR(BITXOR(BITXOR(hash(hash(t."_RESCUED", '_rescued')), hash(hash(t."ACCOUNT_ID", 'account_id'))), BITXOR(hash(hash(t."CAMPAIGN_ID", 'campaign_id')), hash(hash(t."CAMPAIGN_NAME", 'campaign_name')))), BITXOR(BITXOR(hash(hash(t."CONTACT_ID", 'contact_id')), hash(hash(t."DATA", 'data'))), BITXOR(hash(hash(t."EMAIL", 'email')), hash(hash(t."EVENT_DATE", 'event_date'))))), BITXOR(BITXOR(BITXOR(hash(hash(t."EVENT_ID", 'event_id')), hash(hash(t."EVENT_TYPE", 'event_type'))), BITXOR(hash(hash(t."IP_ADDRESS", 'ip_address')), hash(hash(t."IS_FORWARD", 'is_forward')))), BITXOR(BITXOR(hash(hash(t."IS_HTML", 'is_html')), hash(hash(t."MAIL_CLIENT", 'mail_client'))), BITXOR(hash(hash(t."MAIL_CLIENT_VERSION", 'mail_client_version')), BITXOR(hash(hash(t."PROCESSED_DATE", 'processed_date')), hash(hash(t."USER_AGENT", 'user_agent'))))))), BITXOR(BITXOR(BITXOR(BITXOR(hash(hash(NULL, '_rescued')), hash(hash(NULL, 'account_id'))), BITXOR(hash(hash(NULL, 'campaign_id')), hash(hash(NULL, 'campaign_name')))), BITXOR(BITXOR(hash(hash(NULL, 'contact_id')), hash(hash(NULL, 'data'))), BITXOR(hash(hash(NULL, 'email')), hash(hash(NULL, 'event_date'))))), BITXOR(BITXOR(BITXOR(hash(hash(NULL, 'event_id')), hash(hash(NULL, 'event_type'))), BITXOR(hash(hash(NULL, 'ip_address')), hash(hash(NULL, 'is_forward')))), BITXOR(BITXOR(hash(hash(NULL, 'is_html')), hash(hash(NULL, 'mail_client'))), BITXOR(hash(hash(NULL, 'mail_client_version')), BITXOR(hash(hash(NULL, 'processed_date')), hash(hash(NULL, 'user_agent'))))))))))),
            hash(
                'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
                '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
            )
        FROM "DOTDIGITAL"."EMAIL_OPEN" AS t
        WHERE t."_LOADED_AT" = :loaded_at::TIMESTAMP_NTZ
        GROUP BY t."_DROP_ID";
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
                WHERE type_no = 6 AND bitshiftright(seq, 40) = 0 AND fate IS NULL
            ) AS d ON r._seq = d.seq
            INNER JOIN (
                SELECT t."EVENT_ID", t."EVENT_TYPE", t."EVENT_DATE", t."PROCESSED_DATE", t."ACCOUNT_ID", t."CONTACT_ID", t."EMAIL", t."CAMPAIGN_ID", t."CAMPAIGN_NAME", t."MAIL_CLIENT", t."MAIL_CLIENT_VERSION", t."IP_ADDRESS", t."USER_AGENT", t."IS_HTML", t."IS_FORWARD", t."DATA", t."_KEY", t."_RESCUED"
                FROM "DOTDIGITAL"."EMAIL_OPEN" AS t
                WHERE t."_KEY" IN (SELECT _key FROM staged_duplicates WHERE type_no = 6)
            ) AS t ON r._key = t."_KEY"
        ) AS judged
        WHERE staged_duplicates.seq = judged._seq;
        DELETE FROM "DOTDIGITAL"."_FIREHOSE_DUPLICATES"
        WHERE
            drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json('[]'))) AS l);
        INSERT INTO "DOTDIGITAL"."_FIREHOSE_DUPLICATES"
        SELECT
            r._drop_id, r._row_no, 'email.open', 'email_open', r._key, d.fate, d.field, (CASE WHEN r."EVENT_ID" IS DISTINCT FROM t."EVENT_ID" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."EVENT_TYPE" IS DISTINCT FROM t."EVENT_TYPE" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EVENT_TYPE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EVENT_TYPE"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."EVENT_DATE" IS NOT DISTINCT FROM t."EVENT_DATE" AND r."PROCESSED_DATE" IS NOT DISTINCT FROM t."PROCESSED_DATE" AND r."ACCOUNT_ID" IS NOT DISTINCT FROM t."ACCOUNT_ID" AND r."CONTACT_ID" IS NOT DISTINCT FROM t."CONTACT_ID" AND CASE WHEN r."EMAIL" IS DISTINCT FROM t."EMAIL" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EMAIL"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."CAMPAIGN_ID" IS NOT DISTINCT FROM t."CAMPAIGN_ID" AND CASE WHEN r."CAMPAIGN_NAME" IS DISTINCT FROM t."CAMPAIGN_NAME" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."CAMPAIGN_NAME"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."MAIL_CLIENT" IS DISTINCT FROM t."MAIL_CLIENT" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."MAIL_CLIENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MAIL_CLIENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."MAIL_CLIENT_VERSION" IS DISTINCT FROM t."MAIL_CLIENT_VERSION" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."MAIL_CLIENT_VERSION"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."MAIL_CLIENT_VERSION"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."IP_ADDRESS" IS DISTINCT FROM t."IP_ADDRESS" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."IP_ADDRESS"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r."USER_AGENT" IS DISTINCT FROM t."USER_AGENT" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."USER_AGENT"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."IS_HTML" IS NOT DISTINCT FROM t."IS_HTML" AND r."IS_FORWARD" IS NOT DISTINCT FROM t."IS_FORWARD" AND CASE WHEN r."DATA" IS DISTINCT FROM t."DATA" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."DATA"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND CASE WHEN r._rescued IS DISTINCT FROM t._rescued THEN r._rescued IS NOT DISTINCT FROM t._rescued ELSE true END) AS same, '1-0-0'
        FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "MAIL_CLIENT", "MAIL_CLIENT_VERSION", "IP_ADDRESS", "USER_AGENT", "IS_HTML", "IS_FORWARD", COALESCE(TRY_PARSE_JSON("DATA"), TO_VARIANT("DATA")) AS "DATA", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
        INNER JOIN (
            SELECT seq, fate, field
            FROM staged_duplicates
            WHERE type_no = 6 AND fate <> 'updated'
        ) AS d ON r._seq = d.seq
        INNER JOIN "DOTDIGITAL"."EMAIL_OPEN" AS t ON r._key = t."_KEY"
        WHERE NOT (t."_DROP_ID" = r._drop_id AND t."_ROW" = r._row_no);
        SELECT t.value INTO :refused
        FROM (SELECT coalesce(listagg(DISTINCT d.drop_no::VARCHAR, ','), '')
        FROM task_drops AS d
        LEFT JOIN (
            SELECT DISTINCT drop_no
            FROM staged_duplicates
            WHERE fate IS DISTINCT FROM 'identical'
        ) AS c ON d.drop_no = c.drop_no
        LEFT JOIN (SELECT DISTINCT key FROM "DOTDIGITAL"."_FIREHOSE_DROPS" WHERE source = 'prod') AS k ON d.key = k.key
        CROSS JOIN (SELECT
            (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_FORGOTTEN"),
            (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_RETENTION"),
            (SELECT coalesce(sum(datediff('day', '1970-01-01'::TIMESTAMP_NTZ, kept_from)), 0) FROM "DOTDIGITAL"."_FIREHOSE_RETENTION"),
            (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_KEYS"),
            (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_SCHEMAS")) AS s (people, removals, days, key_count, field_count)
        WHERE d.why IS NULL AND (c.drop_no IS NOT NULL OR k.key IS NOT NULL OR s.people + s.removals > 0)) AS t (value);
        IF (refused = '') THEN
            INSERT INTO "DOTDIGITAL"."_FIREHOSE_DROPS"
            SELECT
                d.drop_id,
                'prod',
                d.key,
                d.version,
                d.size_bytes,
                d.modified,
                'loaded',
                1,
                d.format,
                d.compression,
                h.header::ARRAY,
                c.parsed,
                c.inserted,
                0,
                c.identical,
                0,
                0,
                0,
                c.event_rows,
                NULL,
                NULL,
                :run_id,
                :loaded_at::TIMESTAMP_NTZ,
                :loaded_at::TIMESTAMP_NTZ,
                0
            FROM task_drops AS d
            INNER JOIN (
                SELECT
                    t.drop_no,
                    sum(t.parsed)::NUMBER(38, 0) AS parsed,
                    sum(t.inserted)::NUMBER(38, 0) AS inserted,
                    sum(t.identical)::NUMBER(38, 0) AS identical,
                    '{' || listagg('"' || CASE t.type_no WHEN 6 THEN 'email.open' END || '": ' || t.parsed::VARCHAR, ', ') || '}' AS event_rows
                FROM (
                    SELECT
                        f.drop_no,
                        f.type_no,
                        sum(f.row_count)::NUMBER(38, 0) AS parsed,
                        sum(CASE WHEN f.fate = 'inserted' THEN f.row_count ELSE 0 END) AS inserted,
                        sum(CASE WHEN f.fate = 'identical' THEN f.row_count ELSE 0 END) AS identical
                    FROM (SELECT drop_no, type_no, fate, count(*)
            FROM (
                SELECT k.drop_no, k.type_no, CASE WHEN d.seq IS NULL THEN 'inserted' ELSE coalesce(d.fate, 'unjudged') END AS fate
                FROM staged_keys AS k
                LEFT JOIN staged_duplicates AS d ON k.seq = d.seq
                UNION ALL
                SELECT f.drop_no, f.type_no, CASE f.reason WHEN 'expired' THEN 'expired' ELSE 'quarantined' END AS fate
                FROM staged_faults AS f
            )
            GROUP BY drop_no, type_no, fate) AS f (drop_no, type_no, fate, row_count)
                    GROUP BY f.drop_no, f.type_no
                ) AS t
                GROUP BY t.drop_no
            ) AS c ON d.drop_no = c.drop_no
            INNER JOIN (
                SELECT n.file, parse_json('[' || listagg('"' || n.name || '"', ',') WITHIN GROUP (ORDER BY n.name) || ']') AS header
                FROM (SELECT r.file, f.key::VARCHAR AS name
            FROM
                external_documents AS r,
                LATERAL flatten(INPUT => CASE WHEN typeof(r.body) = 'OBJECT' THEN r.body END) AS f
            WHERE r.row_no = 1) AS n
                GROUP BY n.file
            ) AS h ON d.file = h.file
            WHERE d.why IS NULL;
            SELECT t.value INTO :few
            FROM (SELECT
                count_if(
                    l.drop_id IS NULL
                    OR l.rows_parsed <> r.row_count
                    OR l.rows_parsed <> l.rows_inserted + l.rows_identical
                )
                + CASE WHEN coalesce(sum(l.rows_inserted), 0) = :put_in THEN 0 ELSE 1 END
            FROM (SELECT drop_id, count(*) AS row_count FROM external_rows_0 GROUP BY drop_id) AS r
            LEFT JOIN (SELECT * FROM "DOTDIGITAL"."_FIREHOSE_DROPS" WHERE run_id = :run_id) AS l ON r.drop_id = l.drop_id) AS t (value);
            IF (few > 0) THEN
                RAISE counts_differ;
            END IF;
            COMMIT;
            going := FALSE;
        ELSE
            ROLLBACK;
            UPDATE task_drops
            SET why = 'transaction'
            WHERE why IS NULL AND drop_no IN (SELECT d.drop_no FROM task_drops AS d WHERE contains(',' || :refused || ',', ',' || d.drop_no::VARCHAR || ','));
        END IF;
    END WHILE;
    SELECT t.value INTO :told
    FROM (SELECT
        '{"run_id": "' || :run_id || '", "loaded": ' || l.loaded::VARCHAR || ', "parsed": ' || l.parsed::VARCHAR
        || ', "inserted": ' || l.inserted::VARCHAR || ', "identical": ' || l.identical::VARCHAR
        || ', "left": {' || coalesce(w.reasons, '') || '}, "first": [' || coalesce(f.keys, '') || ']}' AS told
    FROM (
        SELECT
            count(*) AS loaded,
            coalesce(sum(rows_parsed), 0)::NUMBER(38, 0) AS parsed,
            coalesce(sum(rows_inserted), 0)::NUMBER(38, 0) AS inserted,
            coalesce(sum(rows_identical), 0)::NUMBER(38, 0) AS identical
        FROM "DOTDIGITAL"."_FIREHOSE_DROPS"
        WHERE run_id = :run_id
    ) AS l
    CROSS JOIN (
        SELECT listagg('"' || r.why || '": ' || r.drop_count::VARCHAR, ', ') WITHIN GROUP (ORDER BY r.why) AS reasons
        FROM (SELECT why, count(*) AS drop_count FROM task_drops WHERE why IS NOT NULL GROUP BY why) AS r
    ) AS w
    CROSS JOIN (
        SELECT listagg('"' || k.key || '"', ', ') WITHIN GROUP (ORDER BY k.place) AS keys
        FROM (
            SELECT
                regexp_replace(substr(key, 1, 200), '[^A-Za-z0-9._=/ -]', '?') AS key,
                row_number() OVER (ORDER BY modified, key) AS place
            FROM task_drops
            WHERE why IS NOT NULL
        ) AS k
        WHERE k.place <= 20
    ) AS f) AS t (value);
    RETURN told;
EXCEPTION
    WHEN OTHER THEN
        ROLLBACK;
        RAISE;
END;
$$;

CREATE OR REPLACE TASK "MARKETING"."DOTDIGITAL"."FIREHOSE_TASK_PROD"
    WAREHOUSE = "LOADING"
    SCHEDULE = '60 MINUTE'
    ALLOW_OVERLAPPING_EXECUTION = FALSE
AS
EXECUTE IMMEDIATE
$$
DECLARE
    told VARCHAR DEFAULT '';
BEGIN
    CALL "MARKETING"."DOTDIGITAL"."FIREHOSE_TASK_PROD"() INTO :told;
    CALL SYSTEM$SET_RETURN_VALUE(:told);
END;
$$;

ALTER TASK "MARKETING"."DOTDIGITAL"."FIREHOSE_TASK_PROD" RESUME;
