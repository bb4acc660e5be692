-- The drops that the ledger is not done with, oldest first: those of which the task may read something, and those that
-- it leaves to a run by their names alone, with the reason. A key that the ledger has is left to a run in any version,
-- so that a version which is spelled otherwise here makes no new drop of an old one.
-- Safe to repeat: fills a temporary table of this session, which was made anew.
-- Fragments: drops, drop_id, identity, number_1, number_2, number_3, source, wanted, inside, form, compression, limit,
--   forced_no, by_folder, by_name
-- Parameters: none
INSERT INTO task_drops
WITH hashed AS (
    SELECT
        l.*,
        sha2({{ identity }}, 256) AS sha,
        lower(substr(l.key, 1, length(l.key) - length(split_part(l.key, '/', -1)))) AS folders,
        split_part(l.key, '/', -1) AS file_name
    FROM task_listed AS l
),

numbered AS (
    SELECT
        h.*,
        {{ number_1 }} AS n1,
        {{ number_2 }} AS n2,
        {{ number_3 }} AS n3,
        {{ by_folder }} AS by_folder,
        CASE WHEN h.file_name = lower(h.file_name) THEN {{ by_name }} END AS by_name
    FROM hashed AS h
),

identified AS (
    SELECT n.*, {{ drop_id }} AS drop_id
    FROM numbered AS n
),

judged AS (
    SELECT
        l.drop_id,
        l.key,
        l.name,
        {{ inside }} || l.key AS file,
        l.version,
        l.size_bytes,
        l.modified,
        {{ form }} AS format,
        {{ compression }} AS compression,
        {{ forced_no }} AS forced_no,
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
            WHEN {{ form }} IS NULL THEN 'form'
            WHEN l.size_bytes > {{ limit }} THEN 'size'
        END AS why
    FROM identified AS l
    LEFT JOIN (
        SELECT drop_id
        FROM {{ drops }}
        WHERE state IN ('loaded', 'quarantined', 'adopted')
    ) AS d ON l.drop_id = d.drop_id
    LEFT JOIN (SELECT DISTINCT key FROM {{ drops }} WHERE source = {{ source }}) AS k ON l.key = k.key
    WHERE d.drop_id IS NULL AND {{ wanted }}
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
