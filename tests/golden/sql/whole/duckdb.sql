-- =================================================================================================
-- email.open
-- =================================================================================================

-- prepare: the schema and the loader's own tables, where they are missing
-- -------------------------------------------------------------------------------------------------

-- meta_schema
CREATE SCHEMA IF NOT EXISTS "marketing";

-- table_columns
SELECT table_name, column_name, data_type
FROM duckdb_columns()
WHERE
    database_name = current_database() AND schema_name = $schema
    AND ($table::VARCHAR IS NULL OR table_name = $table)
ORDER BY table_name, column_index;

-- meta_drops
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_drops" (
    drop_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    modified TIMESTAMP NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    format VARCHAR,
    compression VARCHAR,
    header VARCHAR[],
    rows_parsed BIGINT NOT NULL,
    rows_inserted BIGINT NOT NULL,
    rows_updated BIGINT NOT NULL,
    rows_identical BIGINT NOT NULL,
    rows_superseded BIGINT NOT NULL,
    rows_conflicting BIGINT NOT NULL,
    rows_quarantined BIGINT NOT NULL,
    event_rows JSON,
    error VARCHAR,
    message VARCHAR,
    run_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    rows_expired BIGINT
);

-- meta_runs
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_runs" (
    run_id VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    status VARCHAR NOT NULL,
    exit_code INTEGER NOT NULL,
    loader_version VARCHAR NOT NULL,
    summary JSON NOT NULL,
    costs JSON
);

-- meta_quarantine
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_quarantine" (
    id VARCHAR NOT NULL,
    drop_id VARCHAR NOT NULL,
    row_no BIGINT,
    line BIGINT,
    byte_offset BIGINT,
    event_type VARCHAR,
    schema_version VARCHAR,
    reason VARCHAR NOT NULL,
    field VARCHAR,
    message VARCHAR NOT NULL,
    raw VARCHAR NOT NULL,
    context VARCHAR,
    run_id VARCHAR NOT NULL,
    quarantined_at TIMESTAMP NOT NULL,
    state VARCHAR NOT NULL,
    changed_at TIMESTAMP
);

-- meta_duplicates
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_duplicates" (
    drop_id VARCHAR NOT NULL,
    row_no BIGINT NOT NULL,
    event_type VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    event_key UUID NOT NULL,
    fate VARCHAR NOT NULL,
    field VARCHAR,
    same BOOLEAN NOT NULL,
    schema_version VARCHAR NOT NULL
);

-- meta_digests
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_digests" (
    drop_id VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    row_count BIGINT NOT NULL,
    digest UBIGINT NOT NULL,
    witness UBIGINT NOT NULL
);

-- meta_schemas
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_schemas" (
    event_type VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    aliases VARCHAR[] NOT NULL,
    column_name VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    rows_seen BIGINT NOT NULL,
    rows_filled BIGINT NOT NULL,
    sample VARCHAR,
    first_drop_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL
);

-- meta_archive
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_archive" (
    drop_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    moved_to VARCHAR,
    run_id VARCHAR NOT NULL,
    done_at TIMESTAMP NOT NULL
);

-- meta_keys
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_keys" (
    key_id VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    first_used_at TIMESTAMP NOT NULL
);

-- meta_alerts
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_alerts" (
    cause VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    event_type VARCHAR,
    message VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL,
    told_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);

-- meta_forgotten
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_forgotten" (
    pii VARCHAR NOT NULL,
    identifier VARCHAR NOT NULL,
    key_id VARCHAR,
    salt VARCHAR,
    removed JSON NOT NULL,
    run_id VARCHAR NOT NULL,
    forgotten_at TIMESTAMP NOT NULL
);

-- meta_retention
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_retention" (
    source VARCHAR NOT NULL,
    event_type VARCHAR NOT NULL,
    kept_from TIMESTAMP NOT NULL,
    run_id VARCHAR NOT NULL,
    changed_at TIMESTAMP NOT NULL
);

-- meta_expired
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_expired" (
    drop_id VARCHAR NOT NULL,
    first_row BIGINT NOT NULL,
    last_row BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    expired_at TIMESTAMP NOT NULL
);

-- meta_claims
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_claims" (
    source VARCHAR NOT NULL,
    holder VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

-- meta_versions
CREATE TABLE IF NOT EXISTS "marketing"."_firehose_versions" (
    version INTEGER NOT NULL,
    loader_version VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL
);

-- versions_add
INSERT INTO "marketing"."_firehose_versions" (version, loader_version, since)
SELECT $version, $loader_version, $now::TIMESTAMPTZ::TIMESTAMP
WHERE NOT EXISTS (SELECT 1 FROM "marketing"."_firehose_versions" AS v WHERE v.version = $version);

-- discover: which of the listed drops are new
-- -------------------------------------------------------------------------------------------------

-- listing_begin
CREATE OR REPLACE TEMP TABLE "listed_1" (
    drop_id VARCHAR, key VARCHAR, version VARCHAR, size_bytes BIGINT, modified TIMESTAMP
);

-- listing_add
INSERT INTO "listed_1"
WITH done AS (
    SELECT drop_id
    FROM "marketing"."_firehose_drops"
    WHERE
        $new_only
        AND state IN ('loaded', 'quarantined', 'adopted')
        AND drop_id IN (SELECT unnest($drop_id::VARCHAR[]))
)

SELECT n.*
FROM (
    SELECT
        unnest($drop_id::VARCHAR[]) AS drop_id,
        unnest($key::VARCHAR[]),
        unnest($version::VARCHAR[]),
        unnest($size_bytes::BIGINT[]),
        unnest($modified::TIMESTAMP[])
) AS n
WHERE n.drop_id NOT IN (SELECT drop_id FROM done);

-- listing_rank
CREATE OR REPLACE TEMP TABLE "ranked_1" AS
WITH same_drop AS (
    SELECT drop_id, state, first_seen_at, finished_at, rows_parsed, attempts, message
    FROM "marketing"."_firehose_drops"
    WHERE source = $source AND drop_id IN (SELECT drop_id FROM "listed_1")
),

same_key AS (
    SELECT key
    FROM "marketing"."_firehose_drops"
    WHERE source = $source AND state <> 'held' AND key IN (SELECT key FROM "listed_1")
)

SELECT DISTINCT ON (l.modified, l.key, l.drop_id)
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
    coalesce(m.state, 'held') = 'held' AND l.key IN (SELECT key FROM same_key) AS earlier
FROM "listed_1" AS l
LEFT JOIN same_drop AS m ON l.drop_id = m.drop_id
ORDER BY l.modified, l.key, l.drop_id;

-- listing_end
DROP TABLE IF EXISTS "listed_1";

-- listing_count
SELECT count(*) FROM "ranked_1";

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
FROM "ranked_1"
WHERE rowid >= $first AND rowid < $beyond
ORDER BY rowid;

-- listing_end
DROP TABLE IF EXISTS "ranked_1";

-- normalise: on this machine, in the engine
-- -------------------------------------------------------------------------------------------------

-- keys_list
SELECT key_id, fingerprint, first_used_at FROM "marketing"."_firehose_keys" ORDER BY first_used_at, key_id;

-- schemas_list
SELECT
    event_type,
    version,
    field,
    aliases,
    column_name,
    type,
    why,
    rows_seen,
    rows_filled,
    sample,
    first_drop_id,
    first_seen_at
FROM "marketing"."_firehose_schemas"
ORDER BY event_type, list_transform(string_split(version, '-'), lambda part: part::INTEGER), column_name;

-- forgotten_list
SELECT pii, identifier, key_id, salt, removed, run_id, forgotten_at FROM "marketing"."_firehose_forgotten" ORDER BY forgotten_at, identifier;

-- retention_list
SELECT source, event_type, kept_from FROM "marketing"."_firehose_retention" ORDER BY source, event_type;

-- order
SET preserve_insertion_order = false;

-- stage_csv_members
SELECT DISTINCT unnest(json_keys(payload)) AS name
FROM (
    SELECT c15 AS payload
    FROM read_csv(
        $files,
        columns = {'c0': 'VARCHAR', 'c1': 'VARCHAR', 'c2': 'VARCHAR', 'c3': 'VARCHAR', 'c4': 'VARCHAR', 'c5': 'VARCHAR', 'c6': 'VARCHAR', 'c7': 'VARCHAR', 'c8': 'VARCHAR', 'c9': 'VARCHAR', 'c10': 'VARCHAR', 'c11': 'VARCHAR', 'c12': 'VARCHAR', 'c13': 'VARCHAR', 'c14': 'VARCHAR', 'c15': 'VARCHAR'},
        header = true,
        auto_detect = false,
        delim = $delimiter,
        quote = '"',
        escape = '"',
        nullstr = ['', '\N'],
        max_line_size = $max_line_bytes,
        ignore_errors = true
    )
)
WHERE ascii(payload) = 123 AND json_valid(payload);

-- stage_shape
CREATE OR REPLACE TEMP TABLE "staged_0" (_file INTEGER, _odd BOOLEAN , "f0" VARCHAR, "f0 key" UUID, "f1" VARCHAR, "f2" TIMESTAMP, "f2 unfit" VARCHAR, "f3" TIMESTAMP, "f3 unfit" VARCHAR, "f4" BIGINT, "f4 unfit" VARCHAR, "f5" BIGINT, "f5 unfit" VARCHAR, "f6" VARCHAR, "f7" BIGINT, "f7 unfit" VARCHAR, "f8" VARCHAR, "f9" VARCHAR, "f10" VARCHAR, "f11" VARCHAR, "f12" VARCHAR, "f13" BOOLEAN, "f13 unfit" VARCHAR, "f14" BOOLEAN, "f14 unfit" VARCHAR, "f15" VARCHAR);

-- stage_csv
INSERT INTO "staged_0" (_file , "f0", "f0 key", "f1", "f2", "f2 unfit", "f3", "f3 unfit", "f4", "f4 unfit", "f5", "f5 unfit", "f6", "f7", "f7 unfit", "f8", "f9", "f10", "f11", "f12", "f13", "f13 unfit", "f14", "f14 unfit", "f15")
SELECT file_index + $first_file , t0, firehose_key(t0), t1, v2, CASE WHEN v2 IS NULL THEN t2 END, v3, CASE WHEN v3 IS NULL THEN t3 END, v4, CASE WHEN v4 IS NULL THEN t4 END, v5, CASE WHEN v5 IS NULL THEN t5 END, t6, v7, CASE WHEN v7 IS NULL THEN t7 END, t8, t9, t10, t11, t12, v13, CASE WHEN v13 IS NULL THEN t13 END, v14, CASE WHEN v14 IS NULL THEN t14 END, t15
FROM (
    SELECT file_index , c0 AS t0, c1 AS t1, c2 AS t2, firehose_timestamp(c2) AS v2, c3 AS t3, firehose_timestamp(c3) AS v3, c4 AS t4, firehose_integer(c4) AS v4, c5 AS t5, firehose_integer(c5) AS v5, c6 AS t6, c7 AS t7, firehose_integer(c7) AS v7, c8 AS t8, c9 AS t9, c10 AS t10, c11 AS t11, c12 AS t12, c13 AS t13, firehose_boolean(c13) AS v13, c14 AS t14, firehose_boolean(c14) AS v14, CASE WHEN NOT (ascii(c15) = 123 AND json_valid(c15)) THEN c15 END AS t15
    FROM read_csv(
        $files,
        columns = {'c0': 'VARCHAR', 'c1': 'VARCHAR', 'c2': 'VARCHAR', 'c3': 'VARCHAR', 'c4': 'VARCHAR', 'c5': 'VARCHAR', 'c6': 'VARCHAR', 'c7': 'VARCHAR', 'c8': 'VARCHAR', 'c9': 'VARCHAR', 'c10': 'VARCHAR', 'c11': 'VARCHAR', 'c12': 'VARCHAR', 'c13': 'VARCHAR', 'c14': 'VARCHAR', 'c15': 'VARCHAR'},
        header = true,
        auto_detect = false,
        delim = $delimiter,
        quote = '"',
        escape = '"',
        nullstr = ['', '\N'],
        max_line_size = $max_line_bytes,
        buffer_size = $buffer_bytes,
        parallel = $divided
        
    )
);

-- stage_rows_read
SELECT _file, count(*) FROM "staged_0" WHERE _file BETWEEN $first_file AND $last_file GROUP BY _file;

-- stage_csv_begins
SELECT 1
FROM "staged_0"
WHERE
    _file BETWEEN $first_file AND $last_file
    AND (starts_with("f0", chr(65279)) OR "f0" = $first_name)
LIMIT 1;

-- stage_extent
SELECT _file, min(rowid), max(rowid), count(*) FROM "staged_0" GROUP BY _file;

-- stage_files
CREATE OR REPLACE TEMP TABLE staged_files AS
SELECT
    unnest($file::INTEGER[]) AS file,
    unnest($drop_no::INTEGER[]) AS drop_no,
    unnest($drop_id::VARCHAR[]) AS drop_id,
    unnest($first_row::BIGINT[]) AS first_row,
    unnest($forced_no::INTEGER[]) AS forced_no,
    unnest($type_no::INTEGER[]) AS type_no;

-- stage_unfit
SELECT count("f2 unfit"), count("f3 unfit"), count("f4 unfit"), count("f5 unfit"), count("f7 unfit"), count("f13 unfit"), count("f14 unfit") FROM "staged_0";

-- macro_said
CREATE OR REPLACE TEMP MACRO firehose_said(x) AS CASE WHEN lower(trim(x)) NOT IN ('', 'null', '\n') THEN x END;

-- stage_types
CREATE OR REPLACE TEMP TABLE "staged_types_0_f1" AS
SELECT seen.spelling, known.type_no
FROM (SELECT DISTINCT "f1" AS spelling FROM "staged_0" WHERE length("f1") <= 100) AS seen
INNER JOIN (
    SELECT
        unnest($folded::VARCHAR[]) AS folded,
        unnest($numbers::INTEGER[]) AS type_no
) AS known ON known.folded = firehose_fold(seen.spelling);

-- stage_spellings
SELECT spelling, type_no FROM "staged_types_0_f1";

-- stage_rows
CREATE OR REPLACE TEMP VIEW "staged_rows_0" AS
SELECT
    s.rowid + 0 AS seq,
    d.drop_no,
    d.drop_id,
    s.rowid - d.first_row + 1 AS row_no,
    coalesce(d.forced_no, "staged_types_0_f1".type_no, CASE WHEN firehose_said(s."f1") IS NOT NULL THEN 0 END, d.type_no, 0) AS type_no
    , s."f0", s."f0 key", s."f1", s."f2", s."f2 unfit", s."f3", s."f3 unfit", s."f4", s."f4 unfit", s."f5", s."f5 unfit", s."f6", s."f7", s."f7 unfit", s."f8", s."f9", s."f10", s."f11", s."f12", s."f13", s."f13 unfit", s."f14", s."f14 unfit", s."f15"
FROM "staged_0" AS s
INNER JOIN staged_files AS d ON s._file = d.file
LEFT JOIN "staged_types_0_f1" ON "staged_types_0_f1".spelling = s."f1";

-- stage_usage
SELECT type_no , count("f6"), count("f9"), count("f10"), count("f11"), count("f12"), count("f13"::VARCHAR), count("f14"::VARCHAR) FROM "staged_rows_0" GROUP BY type_no;

-- stage_begin_faults
CREATE OR REPLACE TEMP TABLE staged_faults (
    seq BIGINT, drop_no INTEGER, row_no BIGINT, type_no INTEGER, reason VARCHAR, field VARCHAR, message VARCHAR
);

-- stage_begin_keys
CREATE OR REPLACE TEMP TABLE staged_keys (
    seq BIGINT, drop_no INTEGER, row_no BIGINT, type_no INTEGER, _key UUID, stamp TIMESTAMP
);

-- stage_faults
INSERT INTO staged_faults
SELECT seq, drop_no, row_no, type_no, fault.reason, fault.field, fault.message
FROM (
    SELECT r.seq, r.drop_no, r.row_no, r.type_no, CASE WHEN r."f0" IS NULL AND r."f0 key" IS NULL AND r."f1" IS NULL AND r."f2" IS NULL AND r."f2 unfit" IS NULL AND r."f3" IS NULL AND r."f3 unfit" IS NULL AND r."f4" IS NULL AND r."f4 unfit" IS NULL AND r."f5" IS NULL AND r."f5 unfit" IS NULL AND r."f6" IS NULL AND r."f7" IS NULL AND r."f7 unfit" IS NULL AND r."f8" IS NULL AND r."f9" IS NULL AND r."f10" IS NULL AND r."f11" IS NULL AND r."f12" IS NULL AND r."f13" IS NULL AND r."f13 unfit" IS NULL AND r."f14" IS NULL AND r."f14 unfit" IS NULL AND r."f15" IS NULL THEN {'reason': 'missing_required', 'field': NULL::VARCHAR, 'message': 'the row is empty'} WHEN false THEN {'reason': 'bad_event_time', 'field': 'eventDate', 'message': 'eventDate is not a date and time'} END AS fault
    FROM "staged_rows_0" AS r
    
)
WHERE fault IS NOT NULL;

-- stage_keys
INSERT INTO staged_keys
SELECT r.seq, r.drop_no, r.row_no, r.type_no, r."f0 key" AS _key, r."f3" AS stamp
FROM "staged_rows_0" AS r
;

-- stage_keyless
SELECT DISTINCT type_no FROM staged_keys WHERE _key IS NULL AND seq >= $first_seq AND seq < $end_seq;

-- stage_size
SELECT count(*) FROM "staged_0";

-- stage_bad
SELECT drop_no, count(*) FROM staged_faults WHERE reason NOT IN ('forgotten', 'expired') GROUP BY drop_no;

-- versions_last
SELECT version, loader_version, since
FROM "marketing"."_firehose_versions"
ORDER BY version DESC
LIMIT 1;

-- drops_taken
SELECT drop_id
FROM "marketing"."_firehose_drops"
WHERE
    drop_id IN (SELECT unnest($drop_id::VARCHAR[]))
    AND state IN ('loaded', 'quarantined', 'adopted')
    AND run_id <> $run_id;

-- tables: made and widened for the event types of the batch, where that is needed
-- -------------------------------------------------------------------------------------------------

-- table_create
CREATE TABLE IF NOT EXISTS "marketing"."email_open" (
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
    "is_html" BOOLEAN,
    "is_forward" BOOLEAN,
    "data" JSON,
    "_key" UUID NOT NULL,
    "_drop_id" VARCHAR NOT NULL,
    "_row" BIGINT NOT NULL,
    "_schema_version" VARCHAR NOT NULL,
    "_loaded_at" TIMESTAMP NOT NULL,
    "_rescued" JSON
);

-- view_columns
SELECT table_name, column_name
FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = $schema AND NOT internal
ORDER BY table_name, column_index;

-- view_create
CREATE OR REPLACE VIEW "marketing"."events" AS
SELECT "event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "email", "campaign_id", "campaign_name", "_drop_id", "_row", json_object('mail_client', "mail_client", 'mail_client_version', "mail_client_version", 'ip_address', "ip_address", 'user_agent', "user_agent", 'is_html', "is_html", 'is_forward', "is_forward", 'data', "data") AS rest FROM "marketing"."email_open";

-- screen
SELECT
    (SELECT count(*) FROM "marketing"."_firehose_forgotten"),
    (SELECT count(*) FROM "marketing"."_firehose_retention"),
    (SELECT coalesce(sum(date_diff('day', DATE '1970-01-01', kept_from)), 0)::BIGINT FROM "marketing"."_firehose_retention"),
    (SELECT count(*) FROM "marketing"."_firehose_keys"),
    (SELECT count(*) FROM "marketing"."_firehose_schemas");

-- load, as one transaction: merge, quarantine, ledger, counts
-- -------------------------------------------------------------------------------------------------

-- merge_begin
CREATE OR REPLACE TEMP TABLE staged_duplicates (
    seq BIGINT,
    drop_no INTEGER,
    row_no BIGINT,
    type_no INTEGER,
    _key UUID,
    place BIGINT,
    repeated BOOLEAN,
    fate VARCHAR,
    field VARCHAR
);

-- merge_repeated
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, repeated)
SELECT seq, drop_no, row_no, type_no, _key, true
FROM (
    SELECT
        seq, drop_no, row_no, type_no, _key,
        row_number() OVER (PARTITION BY type_no, _key ORDER BY drop_no, row_no) AS place
    FROM staged_keys
    WHERE
        type_no IN (SELECT unnest($type_nos::INTEGER[]))
        AND _key IN (SELECT _key FROM staged_keys GROUP BY _key HAVING count(*) > 1)
)
WHERE place > 1;

-- merge_seen
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, place, repeated)
SELECT k.seq, k.drop_no, k.row_no, k.type_no, k._key, held.place, false
FROM staged_keys AS k
INNER JOIN (
    SELECT t."_key", min(t.rowid) AS place
    FROM "marketing"."email_open" AS t
    SEMI JOIN (SELECT _key FROM staged_keys WHERE type_no = $type_no) AS s ON t."_key" = s._key
    GROUP BY t."_key"
) AS held ON k._key = held."_key"
ANTI JOIN staged_duplicates AS d ON k.seq = d.seq
WHERE k.type_no = $type_no;

-- merge_insert
INSERT INTO "marketing"."email_open" ("event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "email", "campaign_id", "campaign_name", "mail_client", "mail_client_version", "ip_address", "user_agent", "is_html", "is_forward", "data", "_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued")
SELECT "event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "email", "campaign_id", "campaign_name", "mail_client", "mail_client_version", "ip_address", "user_agent", "is_html", "is_forward", "data", r._key, r._drop_id, r._row_no, $version, $now, r._rescued
FROM (SELECT
    r.seq AS _seq, r.drop_no AS _drop_no, r.drop_id AS _drop_id, r.row_no AS _row_no, r."f0 key" AS _key
    , r."f0" AS "event_id", 'email.open' AS "event_type", r."f2" AS "event_date", r."f3" AS "processed_date", r."f4" AS "account_id", r."f5" AS "contact_id", r."f6" AS "email", r."f7" AS "campaign_id", r."f8" AS "campaign_name", r."f9" AS "mail_client", r."f10" AS "mail_client_version", r."f11" AS "ip_address", r."f12" AS "user_agent", r."f13" AS "is_html", r."f14" AS "is_forward", r."cast 0" AS "data", CASE WHEN firehose_said(r."f1") IS NOT NULL OR CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f15") IS NOT NULL ELSE false END THEN to_json(map_from_entries(list_filter([{'k': 'eventType', 'v': CASE WHEN firehose_said(r."f1") IS NOT NULL THEN r."f1" END}, {'k': 'data', 'v': CASE WHEN CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f15") IS NOT NULL ELSE false END THEN r."f15" END}], lambda e: e.v IS NOT NULL))) END AS _rescued
FROM (SELECT r.* , firehose_json(r."f15") AS "cast 0" FROM "staged_rows_0" AS r WHERE r.type_no = 6) AS r
) AS r
ANTI JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq;

-- digests_inserted
INSERT INTO "marketing"."_firehose_digests"
SELECT t."_drop_id", $table_name, count(*), bit_xor(hash(hash(t."_key", xor(xor(xor(xor(xor(hash(hash(t."_rescued", '_rescued')), hash(hash(t."account_id", 'account_id'))), xor(hash(hash(t."campaign_id", 'campaign_id')), hash(hash(t."campaign_name", 'campaign_name')))), xor(xor(hash(hash(t."contact_id", 'contact_id')), hash(hash(t."data", 'data'))), xor(hash(hash(t."email", 'email')), hash(hash(t."event_date", 'event_date'))))), xor(xor(xor(hash(hash(t."event_id", 'event_id')), hash(hash(t."event_type", 'event_type'))), xor(hash(hash(t."ip_address", 'ip_address')), hash(hash(t."is_forward", 'is_forward')))), xor(xor(hash(hash(t."is_html", 'is_html')), hash(hash(t."mail_client", 'mail_client'))), xor(hash(hash(t."mail_client_version", 'mail_client_version')), xor(hash(hash(t."processed_date", 'processed_date')), hash(hash(t."user_agent", 'user_agent'))))))), xor(xor(xor(xor(hash(hash(NULL, '_rescued')), hash(hash(NULL, 'account_id'))), xor(hash(hash(NULL, 'campaign_id')), hash(hash(NULL, 'campaign_name')))), xor(xor(hash(hash(NULL, 'contact_id')), hash(hash(NULL, 'data'))), xor(hash(hash(NULL, 'email')), hash(hash(NULL, 'event_date'))))), xor(xor(xor(hash(hash(NULL, 'event_id')), hash(hash(NULL, 'event_type'))), xor(hash(hash(NULL, 'ip_address')), hash(hash(NULL, 'is_forward')))), xor(xor(hash(hash(NULL, 'is_html')), hash(hash(NULL, 'mail_client'))), xor(hash(hash(NULL, 'mail_client_version')), xor(hash(hash(NULL, 'processed_date')), hash(hash(NULL, 'user_agent'))))))))))), firehose_witness()
FROM "marketing"."email_open" AS t
WHERE t."_loaded_at" = $now::TIMESTAMP
GROUP BY t."_drop_id";

-- merge_unjudged
SELECT DISTINCT type_no, seq >> 40 FROM staged_duplicates WHERE fate IS NULL;

-- merge_counts
SELECT drop_no, type_no, fate, count(*)
FROM (
    SELECT k.drop_no, k.type_no, CASE WHEN d.seq IS NULL THEN 'inserted' ELSE coalesce(d.fate, 'unjudged') END AS fate
    FROM staged_keys AS k
    LEFT JOIN staged_duplicates AS d ON k.seq = d.seq
    UNION ALL
    SELECT drop_no, type_no, CASE reason WHEN 'expired' THEN 'expired' ELSE 'quarantined' END FROM staged_faults
)
GROUP BY drop_no, type_no, fate;

-- duplicates_forget
DELETE FROM "marketing"."_firehose_duplicates" WHERE drop_id IN (SELECT unnest($drop_id::VARCHAR[]));

-- merge_faults
SELECT drop_no, row_no, type_no, reason, field, message FROM staged_faults WHERE reason <> 'expired';

-- merge_conflicts
SELECT drop_no, row_no, type_no, 'conflict', field, 'the same event is there with another ' || field
FROM staged_duplicates
WHERE fate = 'conflicting';

-- quarantine_forget
DELETE FROM "marketing"."_firehose_quarantine" WHERE state = 'undone' AND drop_id IN (SELECT unnest($drop_id::VARCHAR[]));

-- drops_past
SELECT drop_id, attempts, first_seen_at FROM "marketing"."_firehose_drops"
WHERE drop_id IN (SELECT unnest($drop_id::VARCHAR[]));

-- drops_add
INSERT INTO "marketing"."_firehose_drops"
SELECT
    unnest($drop_id::VARCHAR[]),
    unnest($source::VARCHAR[]),
    unnest($key::VARCHAR[]),
    unnest($version::VARCHAR[]),
    unnest($size_bytes::BIGINT[]),
    unnest($modified::TIMESTAMP[]),
    unnest($state::VARCHAR[]),
    unnest($attempts::INTEGER[]),
    unnest($format::VARCHAR[]),
    unnest($compression::VARCHAR[]),
    unnest($header::VARCHAR[][]),
    unnest($rows_parsed::BIGINT[]),
    unnest($rows_inserted::BIGINT[]),
    unnest($rows_updated::BIGINT[]),
    unnest($rows_identical::BIGINT[]),
    unnest($rows_superseded::BIGINT[]),
    unnest($rows_conflicting::BIGINT[]),
    unnest($rows_quarantined::BIGINT[]),
    unnest($event_rows::VARCHAR[]),
    unnest($error::VARCHAR[]),
    unnest($message::VARCHAR[]),
    unnest($run_id::VARCHAR[]),
    unnest($first_seen_at::TIMESTAMP[]),
    unnest($finished_at::TIMESTAMP[]),
    unnest($rows_expired::BIGINT[]);

-- stage_forget
DROP TABLE IF EXISTS "staged_stored_6";

-- stage_forget
DROP TABLE IF EXISTS "staged_again_0_6";

-- clear
-- -------------------------------------------------------------------------------------------------

-- stage_forget_rows
DROP VIEW IF EXISTS "staged_rows_0";

-- stage_forget
DROP TABLE IF EXISTS "staged_0";

-- stage_forget
DROP TABLE IF EXISTS "staged_types_0_f1";

-- order
SET preserve_insertion_order = true;

-- record the run
-- -------------------------------------------------------------------------------------------------

-- runs_add
INSERT INTO "marketing"."_firehose_runs"
SELECT
    $run_id, $started_at::TIMESTAMP, $finished_at::TIMESTAMP, $status, $exit_code, $loader_version,
    $summary::JSON, $costs::JSON;

-- =================================================================================================
-- sms.send
-- =================================================================================================

-- normalise: on this machine, in the engine
-- -------------------------------------------------------------------------------------------------

-- stage_csv_members
SELECT DISTINCT unnest(json_keys(payload)) AS name
FROM (
    SELECT c12 AS payload
    FROM read_csv(
        $files,
        columns = {'c0': 'VARCHAR', 'c1': 'VARCHAR', 'c2': 'VARCHAR', 'c3': 'VARCHAR', 'c4': 'VARCHAR', 'c5': 'VARCHAR', 'c6': 'VARCHAR', 'c7': 'VARCHAR', 'c8': 'VARCHAR', 'c9': 'VARCHAR', 'c10': 'VARCHAR', 'c11': 'VARCHAR', 'c12': 'VARCHAR'},
        header = true,
        auto_detect = false,
        delim = $delimiter,
        quote = '"',
        escape = '"',
        nullstr = ['', '\N'],
        max_line_size = $max_line_bytes,
        ignore_errors = true
    )
)
WHERE ascii(payload) = 123 AND json_valid(payload);

-- stage_shape
CREATE OR REPLACE TEMP TABLE "staged_0" (_file INTEGER, _odd BOOLEAN , "f0" VARCHAR, "f0 key" UUID, "f1" VARCHAR, "f2" TIMESTAMP, "f2 unfit" VARCHAR, "f3" TIMESTAMP, "f3 unfit" VARCHAR, "f4" BIGINT, "f4 unfit" VARCHAR, "f5" BIGINT, "f5 unfit" VARCHAR, "f6" VARCHAR, "f7" BIGINT, "f7 unfit" VARCHAR, "f8" VARCHAR, "f9" VARCHAR, "f10" VARCHAR, "f11" VARCHAR, "f12" VARCHAR);

-- stage_csv
INSERT INTO "staged_0" (_file , "f0", "f0 key", "f1", "f2", "f2 unfit", "f3", "f3 unfit", "f4", "f4 unfit", "f5", "f5 unfit", "f6", "f7", "f7 unfit", "f8", "f9", "f10", "f11", "f12")
SELECT file_index + $first_file , t0, firehose_key(t0), t1, v2, CASE WHEN v2 IS NULL THEN t2 END, v3, CASE WHEN v3 IS NULL THEN t3 END, v4, CASE WHEN v4 IS NULL THEN t4 END, v5, CASE WHEN v5 IS NULL THEN t5 END, t6, v7, CASE WHEN v7 IS NULL THEN t7 END, t8, t9, t10, t11, t12
FROM (
    SELECT file_index , c0 AS t0, c1 AS t1, c2 AS t2, firehose_timestamp(c2) AS v2, c3 AS t3, firehose_timestamp(c3) AS v3, c4 AS t4, firehose_integer(c4) AS v4, c5 AS t5, firehose_integer(c5) AS v5, c6 AS t6, c7 AS t7, firehose_integer(c7) AS v7, c8 AS t8, c9 AS t9, c10 AS t10, c11 AS t11, CASE WHEN NOT (ascii(c12) = 123 AND json_valid(c12)) THEN c12 END AS t12
    FROM read_csv(
        $files,
        columns = {'c0': 'VARCHAR', 'c1': 'VARCHAR', 'c2': 'VARCHAR', 'c3': 'VARCHAR', 'c4': 'VARCHAR', 'c5': 'VARCHAR', 'c6': 'VARCHAR', 'c7': 'VARCHAR', 'c8': 'VARCHAR', 'c9': 'VARCHAR', 'c10': 'VARCHAR', 'c11': 'VARCHAR', 'c12': 'VARCHAR'},
        header = true,
        auto_detect = false,
        delim = $delimiter,
        quote = '"',
        escape = '"',
        nullstr = ['', '\N'],
        max_line_size = $max_line_bytes,
        buffer_size = $buffer_bytes,
        parallel = $divided
        
    )
);

-- stage_unfit
SELECT count("f2 unfit"), count("f3 unfit"), count("f4 unfit"), count("f5 unfit"), count("f7 unfit") FROM "staged_0";

-- stage_rows
CREATE OR REPLACE TEMP VIEW "staged_rows_0" AS
SELECT
    s.rowid + 0 AS seq,
    d.drop_no,
    d.drop_id,
    s.rowid - d.first_row + 1 AS row_no,
    coalesce(d.forced_no, "staged_types_0_f1".type_no, CASE WHEN firehose_said(s."f1") IS NOT NULL THEN 0 END, d.type_no, 0) AS type_no
    , s."f0", s."f0 key", s."f1", s."f2", s."f2 unfit", s."f3", s."f3 unfit", s."f4", s."f4 unfit", s."f5", s."f5 unfit", s."f6", s."f7", s."f7 unfit", s."f8", s."f9", s."f10", s."f11", s."f12"
FROM "staged_0" AS s
INNER JOIN staged_files AS d ON s._file = d.file
LEFT JOIN "staged_types_0_f1" ON "staged_types_0_f1".spelling = s."f1";

-- stage_usage
SELECT type_no , count("f6"), count("f9"), count("f10"), count("f11") FROM "staged_rows_0" GROUP BY type_no;

-- stage_faults
INSERT INTO staged_faults
SELECT seq, drop_no, row_no, type_no, fault.reason, fault.field, fault.message
FROM (
    SELECT r.seq, r.drop_no, r.row_no, r.type_no, CASE WHEN r."f0" IS NULL AND r."f0 key" IS NULL AND r."f1" IS NULL AND r."f2" IS NULL AND r."f2 unfit" IS NULL AND r."f3" IS NULL AND r."f3 unfit" IS NULL AND r."f4" IS NULL AND r."f4 unfit" IS NULL AND r."f5" IS NULL AND r."f5 unfit" IS NULL AND r."f6" IS NULL AND r."f7" IS NULL AND r."f7 unfit" IS NULL AND r."f8" IS NULL AND r."f9" IS NULL AND r."f10" IS NULL AND r."f11" IS NULL AND r."f12" IS NULL THEN {'reason': 'missing_required', 'field': NULL::VARCHAR, 'message': 'the row is empty'} WHEN false THEN {'reason': 'bad_event_time', 'field': 'eventDate', 'message': 'eventDate is not a date and time'} END AS fault
    FROM "staged_rows_0" AS r
    
)
WHERE fault IS NOT NULL;

-- tables: made and widened for the event types of the batch, where that is needed
-- -------------------------------------------------------------------------------------------------

-- table_create
CREATE TABLE IF NOT EXISTS "marketing"."sms_send" (
    "event_id" VARCHAR,
    "event_type" VARCHAR,
    "event_date" TIMESTAMP,
    "processed_date" TIMESTAMP,
    "account_id" BIGINT,
    "contact_id" BIGINT,
    "mobile_number" VARCHAR,
    "campaign_id" BIGINT,
    "campaign_name" VARCHAR,
    "message_id" VARCHAR,
    "client_ref" VARCHAR,
    "message" VARCHAR,
    "data" JSON,
    "_key" UUID NOT NULL,
    "_drop_id" VARCHAR NOT NULL,
    "_row" BIGINT NOT NULL,
    "_schema_version" VARCHAR NOT NULL,
    "_loaded_at" TIMESTAMP NOT NULL,
    "_rescued" JSON
);

-- view_create
CREATE OR REPLACE VIEW "marketing"."events" AS
SELECT "event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", NULL::VARCHAR AS "email", "campaign_id", "campaign_name", "_drop_id", "_row", json_object('mobile_number', "mobile_number", 'message_id', "message_id", 'client_ref', "client_ref", 'message', "message", 'data', "data") AS rest FROM "marketing"."sms_send";

-- load, as one transaction: merge, quarantine, ledger, counts
-- -------------------------------------------------------------------------------------------------

-- merge_seen
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, place, repeated)
SELECT k.seq, k.drop_no, k.row_no, k.type_no, k._key, held.place, false
FROM staged_keys AS k
INNER JOIN (
    SELECT t."_key", min(t.rowid) AS place
    FROM "marketing"."sms_send" AS t
    SEMI JOIN (SELECT _key FROM staged_keys WHERE type_no = $type_no) AS s ON t."_key" = s._key
    GROUP BY t."_key"
) AS held ON k._key = held."_key"
ANTI JOIN staged_duplicates AS d ON k.seq = d.seq
WHERE k.type_no = $type_no;

-- merge_insert
INSERT INTO "marketing"."sms_send" ("event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "mobile_number", "campaign_id", "campaign_name", "message_id", "client_ref", "message", "data", "_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued")
SELECT "event_id", "event_type", "event_date", "processed_date", "account_id", "contact_id", "mobile_number", "campaign_id", "campaign_name", "message_id", "client_ref", "message", "data", r._key, r._drop_id, r._row_no, $version, $now, r._rescued
FROM (SELECT
    r.seq AS _seq, r.drop_no AS _drop_no, r.drop_id AS _drop_id, r.row_no AS _row_no, r."f0 key" AS _key
    , r."f0" AS "event_id", 'sms.send' AS "event_type", r."f2" AS "event_date", r."f3" AS "processed_date", r."f4" AS "account_id", r."f5" AS "contact_id", r."f6" AS "mobile_number", r."f7" AS "campaign_id", r."f8" AS "campaign_name", r."f9" AS "message_id", r."f10" AS "client_ref", r."f11" AS "message", r."cast 0" AS "data", CASE WHEN firehose_said(r."f1") IS NOT NULL OR CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f12") IS NOT NULL ELSE false END THEN to_json(map_from_entries(list_filter([{'k': 'eventType', 'v': CASE WHEN firehose_said(r."f1") IS NOT NULL THEN r."f1" END}, {'k': 'data', 'v': CASE WHEN CASE WHEN r."cast 0" IS NULL THEN firehose_said(r."f12") IS NOT NULL ELSE false END THEN r."f12" END}], lambda e: e.v IS NOT NULL))) END AS _rescued
FROM (SELECT r.* , firehose_json(r."f12") AS "cast 0" FROM "staged_rows_0" AS r WHERE r.type_no = 22) AS r
) AS r
ANTI JOIN (SELECT seq FROM staged_duplicates WHERE fate IS DISTINCT FROM 'updated') AS d ON r._seq = d.seq;

-- digests_inserted
INSERT INTO "marketing"."_firehose_digests"
SELECT t."_drop_id", $table_name, count(*), bit_xor(hash(hash(t."_key", xor(xor(xor(xor(hash(hash(t."_rescued", '_rescued')), xor(hash(hash(t."account_id", 'account_id')), hash(hash(t."campaign_id", 'campaign_id')))), xor(xor(hash(hash(t."campaign_name", 'campaign_name')), hash(hash(t."client_ref", 'client_ref'))), xor(hash(hash(t."contact_id", 'contact_id')), hash(hash(t."data", 'data'))))), xor(xor(hash(hash(t."event_date", 'event_date')), xor(hash(hash(t."event_id", 'event_id')), hash(hash(t."event_type", 'event_type')))), xor(xor(hash(hash(t."message", 'message')), hash(hash(t."message_id", 'message_id'))), xor(hash(hash(t."mobile_number", 'mobile_number')), hash(hash(t."processed_date", 'processed_date')))))), xor(xor(xor(hash(hash(NULL, '_rescued')), xor(hash(hash(NULL, 'account_id')), hash(hash(NULL, 'campaign_id')))), xor(xor(hash(hash(NULL, 'campaign_name')), hash(hash(NULL, 'client_ref'))), xor(hash(hash(NULL, 'contact_id')), hash(hash(NULL, 'data'))))), xor(xor(hash(hash(NULL, 'event_date')), xor(hash(hash(NULL, 'event_id')), hash(hash(NULL, 'event_type')))), xor(xor(hash(hash(NULL, 'message')), hash(hash(NULL, 'message_id'))), xor(hash(hash(NULL, 'mobile_number')), hash(hash(NULL, 'processed_date')))))))))), firehose_witness()
FROM "marketing"."sms_send" AS t
WHERE t."_loaded_at" = $now::TIMESTAMP
GROUP BY t."_drop_id";

-- stage_forget
DROP TABLE IF EXISTS "staged_stored_22";

-- stage_forget
DROP TABLE IF EXISTS "staged_again_0_22";

