-- Write the ledger rows of the drops that were merged, with their counts.
-- Safe to repeat: commits together with their events, or not at all.
-- Fragments: drops, source, counted, names, event_type
-- Parameters: run_id, now
INSERT INTO {{ drops }}
SELECT
    d.drop_id,
    {{ source }},
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
    :now::TIMESTAMP_NTZ,
    :now::TIMESTAMP_NTZ,
    0
FROM task_drops AS d
INNER JOIN (
    SELECT
        t.drop_no,
        sum(t.parsed)::NUMBER(38, 0) AS parsed,
        sum(t.inserted)::NUMBER(38, 0) AS inserted,
        sum(t.identical)::NUMBER(38, 0) AS identical,
        '{' || listagg('"' || {{ event_type }} || '": ' || t.parsed::VARCHAR, ', ') || '}' AS event_rows
    FROM (
        SELECT
            f.drop_no,
            f.type_no,
            sum(f.row_count)::NUMBER(38, 0) AS parsed,
            sum(CASE WHEN f.fate = 'inserted' THEN f.row_count ELSE 0 END) AS inserted,
            sum(CASE WHEN f.fate = 'identical' THEN f.row_count ELSE 0 END) AS identical
        FROM ({{ counted }}) AS f (drop_no, type_no, fate, row_count)
        GROUP BY f.drop_no, f.type_no
    ) AS t
    GROUP BY t.drop_no
) AS c ON d.drop_no = c.drop_no
INNER JOIN (
    SELECT n.file, parse_json('[' || listagg('"' || n.name || '"', ',') WITHIN GROUP (ORDER BY n.name) || ']') AS header
    FROM ({{ names }}) AS n
    GROUP BY n.file
) AS h ON d.file = h.file
WHERE d.why IS NULL;
