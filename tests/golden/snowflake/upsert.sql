-- stage_list
LIST @"DOTDIGITAL"."_FIREHOSE_STAGE";

-- stage_put
PUT 'file:///spool/*.parquet' @"DOTDIGITAL"."_FIREHOSE_STAGE"/rehearsal/1/ AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = NONE OVERWRITE = TRUE PARALLEL = 8;

-- scratch_rows
CREATE OR REPLACE TEMPORARY TABLE "STAGED_ROWS_0" (
    "_SEQ" NUMBER(38,0),
    "_DROP_NO" NUMBER(38,0),
    "_DROP_ID" VARCHAR,
    "_ROW_NO" NUMBER(38,0),
    "_KEY" VARCHAR,
    "EVENT_ID" VARCHAR,
    "EVENT_DATE" TIMESTAMP_NTZ,
    "TOTAL" FLOAT,
    "PROCESSED_DATE" TIMESTAMP_NTZ,
    "_RESCUED" VARCHAR
);

-- stage_copy
COPY INTO "STAGED_ROWS_0"
FROM @"DOTDIGITAL"."_FIREHOSE_STAGE"/rehearsal/1/rows_0_
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)
MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
ON_ERROR = ABORT_STATEMENT;

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
FROM @"DOTDIGITAL"."_FIREHOSE_STAGE"/rehearsal/1/keys_
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
FROM @"DOTDIGITAL"."_FIREHOSE_STAGE"/rehearsal/1/faults_
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

-- transaction_begin
BEGIN TRANSACTION;

-- leases_take
UPDATE "DOTDIGITAL"."_FIREHOSE_LEASES"
SET holder = :holder, taken_at = :now::TIMESTAMP_NTZ
WHERE name = 'writer';

-- drops_taken
SELECT drop_id
FROM "DOTDIGITAL"."_FIREHOSE_DROPS"
WHERE drop_id IN (
    SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l
) AND state IN ('loaded', 'quarantined', 'adopted') AND run_id <> :run_id;

-- screen
SELECT
    (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_FORGOTTEN"),
    (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_RETENTION"),
    (SELECT coalesce(sum(datediff('day', '1970-01-01'::TIMESTAMP_NTZ, kept_from)), 0) FROM "DOTDIGITAL"."_FIREHOSE_RETENTION"),
    (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_KEYS"),
    (SELECT count(*) FROM "DOTDIGITAL"."_FIREHOSE_SCHEMAS");

-- merge_begin
DELETE FROM staged_duplicates;

-- merge_repeated
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, repeated)
SELECT seq, drop_no, row_no, type_no, _key, true
FROM staged_keys
WHERE type_no IN (SELECT l.value::NUMBER(38, 0) FROM table(flatten(INPUT => parse_json(:type_nos))) AS l)
QUALIFY row_number() OVER (PARTITION BY type_no, _key ORDER BY stamp DESC NULLS LAST, drop_no DESC, row_no DESC) > 1;

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
        FROM "DOTDIGITAL"."SHOP_ORDER" AS t
        INNER JOIN (SELECT DISTINCT _key FROM staged_keys WHERE type_no = :type_no) AS s ON t."_KEY" = s._key
        WHERE
            :earliest IS NULL
            OR t."EVENT_DATE" IS NULL
            OR t."EVENT_DATE" BETWEEN :earliest::TIMESTAMP_NTZ AND :latest::TIMESTAMP_NTZ
    );

-- merge_replaced
UPDATE staged_duplicates
SET fate = 'updated', field = newer.field
FROM (
    SELECT r._seq, CASE WHEN r."EVENT_DATE" IS DISTINCT FROM t."EVENT_DATE" THEN 'eventDate' WHEN r."TOTAL" IS DISTINCT FROM t."TOTAL" THEN 'total' WHEN r._rescued IS DISTINCT FROM t._rescued THEN '_rescued' END AS field
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_DATE", "TOTAL", "PROCESSED_DATE", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
    INNER JOIN staged_duplicates AS d ON r._seq = d.seq AND NOT d.repeated
    INNER JOIN staged_keys AS k ON r._seq = k.seq
    INNER JOIN "DOTDIGITAL"."SHOP_ORDER" AS t ON r._key = t."_KEY"
    INNER JOIN (
        SELECT
            b.value:drop_no::NUMBER(38, 0) AS drop_no,
            b.value:modified::TIMESTAMP_NTZ AS modified,
            b.value:key::VARCHAR AS key
        FROM table(flatten(INPUT => parse_json(:rows))) AS b
    ) AS n ON d.drop_no = n.drop_no
    LEFT JOIN "DOTDIGITAL"."_FIREHOSE_DROPS" AS l ON t."_DROP_ID" = l.drop_id
    WHERE
        d.type_no = :type_no
        AND (
            k.stamp > t."PROCESSED_DATE"
            OR (k.stamp IS NOT NULL AND t."PROCESSED_DATE" IS NULL)
            OR (
                k.stamp IS NOT DISTINCT FROM t."PROCESSED_DATE"
                AND (
                    l.drop_id IS NULL
                    OR n.modified > l.modified
                    OR (n.modified = l.modified AND n.key > l.key)
                    OR (n.modified = l.modified AND n.key = l.key AND d.row_no >= t."_ROW")
                )
            )
        )
) AS newer
WHERE staged_duplicates.seq = newer._seq AND newer.field IS NOT NULL;

-- duplicates_replaced
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DUPLICATES"
SELECT
    t."_DROP_ID", t."_ROW", :event_type, :table_name, t."_KEY", 'replaced', d.field, false, t."_SCHEMA_VERSION"
FROM "DOTDIGITAL"."SHOP_ORDER" AS t
INNER JOIN (
    SELECT _key, field
    FROM staged_duplicates
    WHERE type_no = :type_no AND fate = 'updated'
) AS d ON t."_KEY" = d._key;

-- table_columns
SELECT table_name, column_name, data_type, numeric_precision, numeric_scale
FROM information_schema.columns
WHERE table_schema = :schema
ORDER BY table_name, ordinal_position;

-- digests_duplicates
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DIGESTS"
SELECT
    t."_DROP_ID",
    :table_name,
    :sign * count(*),
    bitxor_agg(hash(hash(t."_KEY", BITXOR(BITXOR(BITXOR(hash(hash(t."_RESCUED", '_rescued')), hash(hash(t."EVENT_DATE", 'event_date'))), BITXOR(hash(hash(t."EVENT_ID", 'event_id')), BITXOR(hash(hash(t."PROCESSED_DATE", 'processed_date')), hash(hash(t."TOTAL", 'total'))))), BITXOR(BITXOR(hash(hash(NULL, '_rescued')), hash(hash(NULL, 'event_date'))), BITXOR(hash(hash(NULL, 'event_id')), BITXOR(hash(hash(NULL, 'processed_date')), hash(hash(NULL, 'total'))))))))),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM "DOTDIGITAL"."SHOP_ORDER" AS t
WHERE t."_KEY" IN (SELECT d._key FROM staged_duplicates AS d WHERE d.type_no = :type_no AND d.fate = :fate)
GROUP BY t."_DROP_ID";

-- merge_remove
DELETE FROM "DOTDIGITAL"."SHOP_ORDER"
WHERE "_KEY" IN (SELECT _key FROM staged_duplicates WHERE type_no = :type_no AND fate = 'updated');

-- digests_duplicates
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DIGESTS"
SELECT
    t."_DROP_ID",
    :table_name,
    :sign * count(*),
    bitxor_agg(hash(hash(t."_KEY", BITXOR(BITXOR(BITXOR(hash(hash(t."_RESCUED", '_rescued')), hash(hash(t."EVENT_DATE", 'event_date'))), BITXOR(hash(hash(t."EVENT_ID", 'event_id')), BITXOR(hash(hash(t."PROCESSED_DATE", 'processed_date')), hash(hash(t."TOTAL", 'total'))))), BITXOR(BITXOR(hash(hash(NULL, '_rescued')), hash(hash(NULL, 'event_date'))), BITXOR(hash(hash(NULL, 'event_id')), BITXOR(hash(hash(NULL, 'processed_date')), hash(hash(NULL, 'total'))))))))),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM "DOTDIGITAL"."SHOP_ORDER" AS t
WHERE t."_KEY" IN (SELECT d._key FROM staged_duplicates AS d WHERE d.type_no = :type_no AND d.fate = :fate)
GROUP BY t."_DROP_ID";

-- merge_insert
MERGE INTO "DOTDIGITAL"."SHOP_ORDER" AS t
USING (
    SELECT r.*
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_DATE", "TOTAL", "PROCESSED_DATE", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
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
    ("EVENT_ID", "EVENT_DATE", "TOTAL", "PROCESSED_DATE", "_KEY", "_DROP_ID", "_ROW", "_SCHEMA_VERSION", "_LOADED_AT", "_RESCUED")
VALUES
(s."EVENT_ID", s."EVENT_DATE", s."TOTAL", s."PROCESSED_DATE", s._key, s._drop_id, s._row_no, :version, :now::TIMESTAMP_NTZ, s._rescued);

-- digests_inserted
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DIGESTS"
SELECT
    t."_DROP_ID",
    :table_name,
    count(*),
    bitxor_agg(hash(hash(t."_KEY", BITXOR(BITXOR(BITXOR(hash(hash(t."_RESCUED", '_rescued')), hash(hash(t."EVENT_DATE", 'event_date'))), BITXOR(hash(hash(t."EVENT_ID", 'event_id')), BITXOR(hash(hash(t."PROCESSED_DATE", 'processed_date')), hash(hash(t."TOTAL", 'total'))))), BITXOR(BITXOR(hash(hash(NULL, '_rescued')), hash(hash(NULL, 'event_date'))), BITXOR(hash(hash(NULL, 'event_id')), BITXOR(hash(hash(NULL, 'processed_date')), hash(hash(NULL, 'total'))))))))),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM "DOTDIGITAL"."SHOP_ORDER" AS t
WHERE t."_LOADED_AT" = :now::TIMESTAMP_NTZ
GROUP BY t."_DROP_ID";

-- merge_unjudged
SELECT DISTINCT type_no, bitshiftright(seq, 40) FROM staged_duplicates WHERE fate IS NULL;

-- merge_judge
UPDATE staged_duplicates
SET
    fate = CASE WHEN judged.field IS NULL THEN 'identical' ELSE 'superseded' END,
    field = judged.field
FROM (
    SELECT r._seq, CASE WHEN r."EVENT_DATE" IS DISTINCT FROM t."EVENT_DATE" THEN 'eventDate' WHEN r."TOTAL" IS DISTINCT FROM t."TOTAL" THEN 'total' WHEN r._rescued IS DISTINCT FROM t._rescued THEN '_rescued' END AS field
    FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_DATE", "TOTAL", "PROCESSED_DATE", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
    INNER JOIN (
        SELECT seq
        FROM staged_duplicates
        WHERE type_no = :type_no AND bitshiftright(seq, 40) = :part AND fate IS NULL
    ) AS d ON r._seq = d.seq
    INNER JOIN (
        SELECT t."EVENT_ID", t."EVENT_DATE", t."TOTAL", t."PROCESSED_DATE", t."_KEY", t."_RESCUED"
        FROM "DOTDIGITAL"."SHOP_ORDER" AS t
        WHERE t."_KEY" IN (SELECT _key FROM staged_duplicates WHERE type_no = :type_no)
    ) AS t ON r._key = t."_KEY"
) AS judged
WHERE staged_duplicates.seq = judged._seq;

-- digests_duplicates
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DIGESTS"
SELECT
    t."_DROP_ID",
    :table_name,
    :sign * count(*),
    bitxor_agg(hash(hash(t."_KEY", BITXOR(BITXOR(BITXOR(hash(hash(t."_RESCUED", '_rescued')), hash(hash(t."EVENT_DATE", 'event_date'))), BITXOR(hash(hash(t."EVENT_ID", 'event_id')), BITXOR(hash(hash(t."PROCESSED_DATE", 'processed_date')), hash(hash(t."TOTAL", 'total'))))), BITXOR(BITXOR(hash(hash(NULL, '_rescued')), hash(hash(NULL, 'event_date'))), BITXOR(hash(hash(NULL, 'event_id')), BITXOR(hash(hash(NULL, 'processed_date')), hash(hash(NULL, 'total'))))))))),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM "DOTDIGITAL"."SHOP_ORDER" AS t
WHERE t."_KEY" IN (SELECT d._key FROM staged_duplicates AS d WHERE d.type_no = :type_no AND d.fate = :fate)
GROUP BY t."_DROP_ID";

-- merge_restamp
UPDATE "DOTDIGITAL"."SHOP_ORDER" AS t
SET "PROCESSED_DATE" = again.stamp
FROM (
    SELECT k._key, max(k.stamp) AS stamp
    FROM staged_duplicates AS d
    INNER JOIN staged_keys AS k ON d.seq = k.seq
    WHERE d.type_no = :type_no AND d.fate = 'identical'
    GROUP BY k._key
) AS again
WHERE t."_KEY" = again._key AND (t."PROCESSED_DATE" IS NULL OR t."PROCESSED_DATE" < again.stamp);

-- digests_duplicates
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DIGESTS"
SELECT
    t."_DROP_ID",
    :table_name,
    :sign * count(*),
    bitxor_agg(hash(hash(t."_KEY", BITXOR(BITXOR(BITXOR(hash(hash(t."_RESCUED", '_rescued')), hash(hash(t."EVENT_DATE", 'event_date'))), BITXOR(hash(hash(t."EVENT_ID", 'event_id')), BITXOR(hash(hash(t."PROCESSED_DATE", 'processed_date')), hash(hash(t."TOTAL", 'total'))))), BITXOR(BITXOR(hash(hash(NULL, '_rescued')), hash(hash(NULL, 'event_date'))), BITXOR(hash(hash(NULL, 'event_id')), BITXOR(hash(hash(NULL, 'processed_date')), hash(hash(NULL, 'total'))))))))),
    hash(
        'firehose', 'a text that is longer than twelve bytes', 1::NUMBER(38, 0), 0.5::FLOAT, true,
        '2026-01-05 10:00:00'::TIMESTAMP_NTZ, '2026-01-05'::DATE, NULL
    )
FROM "DOTDIGITAL"."SHOP_ORDER" AS t
WHERE t."_KEY" IN (SELECT d._key FROM staged_duplicates AS d WHERE d.type_no = :type_no AND d.fate = :fate)
GROUP BY t."_DROP_ID";

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
DELETE FROM "DOTDIGITAL"."_FIREHOSE_DUPLICATES"
WHERE
    drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);

-- duplicates_add
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DUPLICATES"
SELECT
    r._drop_id, r._row_no, :event_type, :table_name, r._key, d.fate, d.field, (CASE WHEN r."EVENT_ID" IS DISTINCT FROM t."EVENT_ID" THEN NOT coalesce(TO_JSON(REGEXP_SUBSTR_ALL(r."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)) = TO_JSON(REGEXP_SUBSTR_ALL(t."EVENT_ID"::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1, 1, 'e', 1)), true) ELSE true END AND r."EVENT_DATE" IS NOT DISTINCT FROM t."EVENT_DATE" AND r."TOTAL" IS NOT DISTINCT FROM t."TOTAL" AND r."PROCESSED_DATE" IS NOT DISTINCT FROM t."PROCESSED_DATE" AND CASE WHEN r._rescued IS DISTINCT FROM t._rescued THEN r._rescued IS NOT DISTINCT FROM t._rescued ELSE true END) AS same, :version
FROM (SELECT "_SEQ", "_DROP_NO", "_DROP_ID", "_ROW_NO", "_KEY", "EVENT_ID", "EVENT_DATE", "TOTAL", "PROCESSED_DATE", COALESCE(TRY_PARSE_JSON("_RESCUED"), TO_VARIANT("_RESCUED")) AS "_RESCUED" FROM "STAGED_ROWS_0") AS r
INNER JOIN (
    SELECT seq, fate, field
    FROM staged_duplicates
    WHERE type_no = :type_no AND fate <> 'updated'
) AS d ON r._seq = d.seq
INNER JOIN "DOTDIGITAL"."SHOP_ORDER" AS t ON r._key = t."_KEY"
WHERE NOT (t."_DROP_ID" = r._drop_id AND t."_ROW" = r._row_no);

-- merge_faults
SELECT drop_no, row_no, type_no, reason, field, message FROM staged_faults WHERE reason <> 'expired';

-- merge_conflicts
SELECT drop_no, row_no, type_no, 'conflict', field, 'the same event is there with another ' || field
FROM staged_duplicates
WHERE fate = 'conflicting';

-- quarantine_forget
DELETE FROM "DOTDIGITAL"."_FIREHOSE_QUARANTINE"
WHERE
    state = 'undone' AND drop_id IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l
    );

-- drops_past
SELECT drop_id, attempts, first_seen_at FROM "DOTDIGITAL"."_FIREHOSE_DROPS"
WHERE drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l);

-- drops_add
INSERT INTO "DOTDIGITAL"."_FIREHOSE_DROPS"
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

-- scratch_forget
DROP TABLE IF EXISTS "STAGED_ROWS_0";

-- stage_clear
REMOVE @"DOTDIGITAL"."_FIREHOSE_STAGE"/rehearsal/1/;

