-- external_told
DESCRIBE STAGE "DATABASE"."DOTDIGITAL"."DROPS";

-- external_cells
CREATE OR REPLACE TEMPORARY TABLE external_cells (
    file VARCHAR,
    row_no NUMBER(38, 0),
    modified TIMESTAMP_NTZ,
    c1 VARCHAR, c2 VARCHAR, c3 VARCHAR, c4 VARCHAR, c5 VARCHAR, c6 VARCHAR, c7 VARCHAR, c8 VARCHAR, c9 VARCHAR, c10 VARCHAR,
    c11 VARCHAR, c12 VARCHAR, c13 VARCHAR, c14 VARCHAR, c15 VARCHAR, c16 VARCHAR, c17 VARCHAR, c18 VARCHAR, c19 VARCHAR, c20 VARCHAR,
    c21 VARCHAR, c22 VARCHAR, c23 VARCHAR, c24 VARCHAR, c25 VARCHAR, c26 VARCHAR, c27 VARCHAR, c28 VARCHAR, c29 VARCHAR, c30 VARCHAR,
    c31 VARCHAR, c32 VARCHAR, c33 VARCHAR, c34 VARCHAR, c35 VARCHAR, c36 VARCHAR, c37 VARCHAR, c38 VARCHAR, c39 VARCHAR, c40 VARCHAR,
    c41 VARCHAR, c42 VARCHAR, c43 VARCHAR, c44 VARCHAR, c45 VARCHAR, c46 VARCHAR, c47 VARCHAR, c48 VARCHAR, c49 VARCHAR, c50 VARCHAR,
    c51 VARCHAR, c52 VARCHAR, c53 VARCHAR, c54 VARCHAR, c55 VARCHAR, c56 VARCHAR, c57 VARCHAR, c58 VARCHAR, c59 VARCHAR, c60 VARCHAR,
    c61 VARCHAR, c62 VARCHAR, c63 VARCHAR, c64 VARCHAR, c65 VARCHAR, c66 VARCHAR, c67 VARCHAR, c68 VARCHAR, c69 VARCHAR, c70 VARCHAR,
    c71 VARCHAR, c72 VARCHAR, c73 VARCHAR, c74 VARCHAR, c75 VARCHAR, c76 VARCHAR, c77 VARCHAR, c78 VARCHAR, c79 VARCHAR, c80 VARCHAR,
    c81 VARCHAR, c82 VARCHAR, c83 VARCHAR, c84 VARCHAR, c85 VARCHAR, c86 VARCHAR, c87 VARCHAR, c88 VARCHAR, c89 VARCHAR, c90 VARCHAR,
    c91 VARCHAR, c92 VARCHAR, c93 VARCHAR, c94 VARCHAR, c95 VARCHAR, c96 VARCHAR, c97 VARCHAR, c98 VARCHAR, c99 VARCHAR, c100 VARCHAR,
    c101 VARCHAR, c102 VARCHAR, c103 VARCHAR, c104 VARCHAR, c105 VARCHAR, c106 VARCHAR, c107 VARCHAR, c108 VARCHAR, c109 VARCHAR, c110 VARCHAR,
    c111 VARCHAR, c112 VARCHAR, c113 VARCHAR, c114 VARCHAR, c115 VARCHAR, c116 VARCHAR, c117 VARCHAR, c118 VARCHAR, c119 VARCHAR, c120 VARCHAR,
    c121 VARCHAR, c122 VARCHAR, c123 VARCHAR, c124 VARCHAR, c125 VARCHAR, c126 VARCHAR, c127 VARCHAR, c128 VARCHAR, c129 VARCHAR, c130 VARCHAR,
    c131 VARCHAR, c132 VARCHAR, c133 VARCHAR, c134 VARCHAR, c135 VARCHAR, c136 VARCHAR, c137 VARCHAR, c138 VARCHAR, c139 VARCHAR, c140 VARCHAR,
    c141 VARCHAR, c142 VARCHAR, c143 VARCHAR, c144 VARCHAR, c145 VARCHAR, c146 VARCHAR, c147 VARCHAR, c148 VARCHAR, c149 VARCHAR, c150 VARCHAR,
    c151 VARCHAR, c152 VARCHAR, c153 VARCHAR, c154 VARCHAR, c155 VARCHAR, c156 VARCHAR, c157 VARCHAR, c158 VARCHAR, c159 VARCHAR, c160 VARCHAR,
    c161 VARCHAR, c162 VARCHAR, c163 VARCHAR, c164 VARCHAR, c165 VARCHAR, c166 VARCHAR, c167 VARCHAR, c168 VARCHAR, c169 VARCHAR, c170 VARCHAR,
    c171 VARCHAR, c172 VARCHAR, c173 VARCHAR, c174 VARCHAR, c175 VARCHAR, c176 VARCHAR, c177 VARCHAR, c178 VARCHAR, c179 VARCHAR, c180 VARCHAR,
    c181 VARCHAR, c182 VARCHAR, c183 VARCHAR, c184 VARCHAR, c185 VARCHAR, c186 VARCHAR, c187 VARCHAR, c188 VARCHAR, c189 VARCHAR, c190 VARCHAR,
    c191 VARCHAR, c192 VARCHAR, c193 VARCHAR, c194 VARCHAR, c195 VARCHAR, c196 VARCHAR, c197 VARCHAR, c198 VARCHAR, c199 VARCHAR, c200 VARCHAR
);

-- external_documents
CREATE OR REPLACE TEMPORARY TABLE external_documents (
    file VARCHAR,
    row_no NUMBER(38, 0),
    modified TIMESTAMP_NTZ,
    body VARIANT
);

-- external_files
CREATE OR REPLACE TEMPORARY TABLE external_files (
    file VARCHAR,
    drop_no NUMBER(38, 0),
    drop_id VARCHAR,
    modified TIMESTAMP_NTZ,
    forced_no NUMBER(38, 0),
    default_no NUMBER(38, 0),
    fields NUMBER(38, 0)
);

-- external_copy_cells
COPY INTO external_cells
FROM (
    SELECT
        metadata$filename,
        metadata$file_row_number,
        metadata$file_last_modified,
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
    $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,
    $31, $32, $33, $34, $35, $36, $37, $38, $39, $40,
    $41, $42, $43, $44, $45, $46, $47, $48, $49, $50,
    $51, $52, $53, $54, $55, $56, $57, $58, $59, $60,
    $61, $62, $63, $64, $65, $66, $67, $68, $69, $70,
    $71, $72, $73, $74, $75, $76, $77, $78, $79, $80,
    $81, $82, $83, $84, $85, $86, $87, $88, $89, $90,
    $91, $92, $93, $94, $95, $96, $97, $98, $99, $100,
    $101, $102, $103, $104, $105, $106, $107, $108, $109, $110,
    $111, $112, $113, $114, $115, $116, $117, $118, $119, $120,
    $121, $122, $123, $124, $125, $126, $127, $128, $129, $130,
    $131, $132, $133, $134, $135, $136, $137, $138, $139, $140,
    $141, $142, $143, $144, $145, $146, $147, $148, $149, $150,
    $151, $152, $153, $154, $155, $156, $157, $158, $159, $160,
    $161, $162, $163, $164, $165, $166, $167, $168, $169, $170,
    $171, $172, $173, $174, $175, $176, $177, $178, $179, $180,
    $181, $182, $183, $184, $185, $186, $187, $188, $189, $190,
    $191, $192, $193, $194, $195, $196, $197, $198, $199, $200
    FROM @"DATABASE"."DOTDIGITAL"."DROPS"
)
FILES = ('drop.csv')
FILE_FORMAT = (
    TYPE = CSV
    COMPRESSION = AUTO
    FIELD_DELIMITER = ','
    FIELD_OPTIONALLY_ENCLOSED_BY = '"'
    ESCAPE_UNENCLOSED_FIELD = NONE
    EMPTY_FIELD_AS_NULL = FALSE
    NULL_IF = ()
)
ON_ERROR = SKIP_FILE;

-- external_headers
SELECT file, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10,
    c11, c12, c13, c14, c15, c16, c17, c18, c19, c20,
    c21, c22, c23, c24, c25, c26, c27, c28, c29, c30,
    c31, c32, c33, c34, c35, c36, c37, c38, c39, c40,
    c41, c42, c43, c44, c45, c46, c47, c48, c49, c50,
    c51, c52, c53, c54, c55, c56, c57, c58, c59, c60,
    c61, c62, c63, c64, c65, c66, c67, c68, c69, c70,
    c71, c72, c73, c74, c75, c76, c77, c78, c79, c80,
    c81, c82, c83, c84, c85, c86, c87, c88, c89, c90,
    c91, c92, c93, c94, c95, c96, c97, c98, c99, c100,
    c101, c102, c103, c104, c105, c106, c107, c108, c109, c110,
    c111, c112, c113, c114, c115, c116, c117, c118, c119, c120,
    c121, c122, c123, c124, c125, c126, c127, c128, c129, c130,
    c131, c132, c133, c134, c135, c136, c137, c138, c139, c140,
    c141, c142, c143, c144, c145, c146, c147, c148, c149, c150,
    c151, c152, c153, c154, c155, c156, c157, c158, c159, c160,
    c161, c162, c163, c164, c165, c166, c167, c168, c169, c170,
    c171, c172, c173, c174, c175, c176, c177, c178, c179, c180,
    c181, c182, c183, c184, c185, c186, c187, c188, c189, c190,
    c191, c192, c193, c194, c195, c196, c197, c198, c199, c200 FROM external_cells WHERE row_no = 1;

-- external_files_add
INSERT INTO external_files
SELECT
    n.value:file::VARCHAR,
    n.value:drop_no::NUMBER(38, 0),
    n.value:drop_id::VARCHAR,
    n.value:modified::TIMESTAMP_NTZ,
    n.value:forced_no::NUMBER(38, 0),
    n.value:default_no::NUMBER(38, 0),
    n.value:fields::NUMBER(38, 0)
FROM table(flatten(INPUT => parse_json(:rows))) AS n;

-- external_rows_cells
CREATE OR REPLACE TEMPORARY TABLE external_rows_0 AS
SELECT
    0 * 1099511627776 + d.drop_no * 1073741824 + r.row_no AS seq,
    d.drop_no,
    d.drop_id,
    r.row_no - 1 AS row_no,
    d.forced_no,
    d.default_no,
    coalesce(
        r.c14 IS NULL
        OR r.c15 IS NOT NULL
        OR r.c1 = 'eventId'
        OR LENGTH(r.c1) + LENGTH(r.c2) + LENGTH(r.c3) + LENGTH(r.c4) + LENGTH(r.c5) + LENGTH(r.c6) + LENGTH(r.c7) + LENGTH(r.c8) + LENGTH(r.c9) + LENGTH(r.c10) + LENGTH(r.c11) + LENGTH(r.c12) + LENGTH(r.c13) + LENGTH(r.c14) > 8388608
        OR CONTAINS(r.c1, CHR(13)) OR (CONTAINS(r.c1, '"') AND NOT COALESCE(LEFT(r.c1, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c1) IS NOT NULL, FALSE))
        OR CONTAINS(r.c2, CHR(13)) OR (CONTAINS(r.c2, '"') AND NOT COALESCE(LEFT(r.c2, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c2) IS NOT NULL, FALSE))
        OR CONTAINS(r.c3, CHR(13)) OR (CONTAINS(r.c3, '"') AND NOT COALESCE(LEFT(r.c3, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c3) IS NOT NULL, FALSE))
        OR CONTAINS(r.c4, CHR(13)) OR (CONTAINS(r.c4, '"') AND NOT COALESCE(LEFT(r.c4, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c4) IS NOT NULL, FALSE))
        OR CONTAINS(r.c5, CHR(13)) OR (CONTAINS(r.c5, '"') AND NOT COALESCE(LEFT(r.c5, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c5) IS NOT NULL, FALSE))
        OR CONTAINS(r.c6, CHR(13)) OR (CONTAINS(r.c6, '"') AND NOT COALESCE(LEFT(r.c6, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c6) IS NOT NULL, FALSE))
        OR CONTAINS(r.c7, CHR(13)) OR (CONTAINS(r.c7, '"') AND NOT COALESCE(LEFT(r.c7, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c7) IS NOT NULL, FALSE))
        OR CONTAINS(r.c8, CHR(13)) OR (CONTAINS(r.c8, '"') AND NOT COALESCE(LEFT(r.c8, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c8) IS NOT NULL, FALSE))
        OR CONTAINS(r.c9, CHR(13)) OR (CONTAINS(r.c9, '"') AND NOT COALESCE(LEFT(r.c9, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c9) IS NOT NULL, FALSE))
        OR CONTAINS(r.c10, CHR(13)) OR (CONTAINS(r.c10, '"') AND NOT COALESCE(LEFT(r.c10, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c10) IS NOT NULL, FALSE))
        OR CONTAINS(r.c11, CHR(13)) OR (CONTAINS(r.c11, '"') AND NOT COALESCE(LEFT(r.c11, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c11) IS NOT NULL, FALSE))
        OR CONTAINS(r.c12, CHR(13)) OR (CONTAINS(r.c12, '"') AND NOT COALESCE(LEFT(r.c12, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c12) IS NOT NULL, FALSE))
        OR CONTAINS(r.c13, CHR(13)) OR (CONTAINS(r.c13, '"') AND NOT COALESCE(LEFT(r.c13, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c13) IS NOT NULL, FALSE))
        OR CONTAINS(r.c14, CHR(13)) OR (CONTAINS(r.c14, '"') AND NOT COALESCE(LEFT(r.c14, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.c14) IS NOT NULL, FALSE))
        OR date_trunc('second', r.modified) <> d.modified,
        TRUE
    ) AS odd,
    NULLIF(NULLIF(r.c1, ''), CHR(92) || 'N') AS f0,
    NULLIF(NULLIF(r.c2, ''), CHR(92) || 'N') AS f1,
    NULLIF(NULLIF(r.c3, ''), CHR(92) || 'N') AS f2,
    NULLIF(NULLIF(r.c4, ''), CHR(92) || 'N') AS f3,
    NULLIF(NULLIF(r.c5, ''), CHR(92) || 'N') AS f4,
    NULLIF(NULLIF(r.c6, ''), CHR(92) || 'N') AS f5,
    NULLIF(NULLIF(r.c7, ''), CHR(92) || 'N') AS f6,
    NULLIF(NULLIF(r.c8, ''), CHR(92) || 'N') AS f7,
    NULLIF(NULLIF(r.c9, ''), CHR(92) || 'N') AS f8,
    NULLIF(NULLIF(r.c10, ''), CHR(92) || 'N') AS f9,
    NULLIF(NULLIF(r.c11, ''), CHR(92) || 'N') AS f10,
    NULLIF(NULLIF(r.c12, ''), CHR(92) || 'N') AS f11,
    NULLIF(NULLIF(r.c13, ''), CHR(92) || 'N') AS f12,
    NULLIF(NULLIF(r.c14, ''), CHR(92) || 'N') AS f13
FROM external_cells AS r
INNER JOIN external_files AS d ON r.file = d.file
WHERE d.fields = 0 AND r.row_no > 1;

-- external_spellings
SELECT DISTINCT r.f1 AS spelling FROM external_rows_0 AS r WHERE length(r.f1) <= 100;

-- external_present
SELECT r.drop_no, COALESCE(r.forced_no, CASE WHEN LOWER(TRIM(r.f1)) NOT IN ('', 'null', CHR(92) || 'n') THEN 0 END, r.default_no, 0) AS type_no, count(*) AS row_count
FROM external_rows_0 AS r
WHERE r.drop_no BETWEEN :first AND :last
GROUP BY 1, 2;

-- external_odd
SELECT DISTINCT r.drop_no
FROM external_rows_0 AS r
WHERE
    r.drop_no BETWEEN :first AND :last
    AND COALESCE(r.forced_no, CASE WHEN LOWER(TRIM(r.f1)) NOT IN ('', 'null', CHR(92) || 'n') THEN 0 END, r.default_no, 0) = :number
    AND NOT coalesce(NOT r.odd
    AND COALESCE(r.f0, r.f1, r.f2, r.f3, r.f4, r.f5, r.f6, r.f7, r.f8, r.f9, r.f10, r.f11, r.f12, r.f13, NULL) IS NOT NULL
    AND (r.f2 IS NULL OR (REGEXP_LIKE(r.f2, '^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$') AND CASE WHEN REGEXP_LIKE(r.f2, '^.{19,26}[+-][0-9]{2}:[0-9]{2}$') THEN DATEADD('minute', (CASE WHEN SUBSTR(RIGHT(r.f2, 6), 1, 1) = '-' THEN 1 ELSE -1 END) * (TRY_CAST(SUBSTR(RIGHT(r.f2, 6), 2, 2) AS NUMBER(38, 0)) * 60 + TRY_CAST(RIGHT(r.f2, 2) AS NUMBER(38, 0))), TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(r.f2, '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' '))) ELSE TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(r.f2, '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' ')) END IS NOT NULL))
    AND (r.f3 IS NULL OR (REGEXP_LIKE(r.f3, '^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$') AND CASE WHEN REGEXP_LIKE(r.f3, '^.{19,26}[+-][0-9]{2}:[0-9]{2}$') THEN DATEADD('minute', (CASE WHEN SUBSTR(RIGHT(r.f3, 6), 1, 1) = '-' THEN 1 ELSE -1 END) * (TRY_CAST(SUBSTR(RIGHT(r.f3, 6), 2, 2) AS NUMBER(38, 0)) * 60 + TRY_CAST(RIGHT(r.f3, 2) AS NUMBER(38, 0))), TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(r.f3, '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' '))) ELSE TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE(r.f3, '(Z|[+-][0-9]{2}:[0-9]{2})$', ''), 'T', ' ')) END IS NOT NULL) OR (REGEXP_LIKE(LEFT(r.f3, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f3)) <> 'null'))
    AND (r.f4 IS NULL OR (REGEXP_LIKE(r.f4, '^-?(0|[1-9][0-9]{0,17})$')) OR (REGEXP_LIKE(LEFT(r.f4, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f4)) <> 'null'))
    AND (r.f5 IS NULL OR (REGEXP_LIKE(r.f5, '^-?(0|[1-9][0-9]{0,17})$')) OR (REGEXP_LIKE(LEFT(r.f5, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f5)) <> 'null'))
    AND (r.f7 IS NULL OR (REGEXP_LIKE(r.f7, '^-?(0|[1-9][0-9]{0,17})$')) OR (REGEXP_LIKE(LEFT(r.f7, 1), '^[A-Za-z]$') AND LOWER(TRIM(r.f7)) <> 'null'))
    AND (r.f11 IS NULL OR (LEFT(r.f11, 1) IN ('{', '[') AND TRY_PARSE_JSON(r.f11) IS NOT NULL AND NOT CONTAINS(LOWER(r.f11), 'nan') AND NOT CONTAINS(LOWER(r.f11), 'inf')))
    AND (REGEXP_LIKE(LOWER(r.f0), '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') AND r.f0 <> '00000000-0000-0000-0000-000000000000' OR LOWER(TRIM(r.f0)) NOT IN ('', 'null') AND NOT CONTAINS(r.f0, CHR(92)) AND NOT REGEXP_LIKE(REGEXP_REPLACE(LOWER(r.f0), '[^0-9a-z]', ''), '^[0-9a-f]{32}$'))
    AND COALESCE(r.f1 IN (NULL), TRUE), FALSE);

-- external_typed
INSERT INTO "STAGED_ROWS_0" (_seq, _drop_no, _drop_id, _row_no, _key, "EVENT_ID", "EVENT_TYPE", "EVENT_DATE", "PROCESSED_DATE", "ACCOUNT_ID", "CONTACT_ID", "EMAIL", "CAMPAIGN_ID", "CAMPAIGN_NAME", "URL", "KEYWORD", "GROUPS", "IP_ADDRESS", "USER_AGENT", _rescued)
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
SELECT r._seq, r._drop_no, r._row_no, :number, r._key, r."PROCESSED_DATE"
FROM "STAGED_ROWS_0" AS r;

