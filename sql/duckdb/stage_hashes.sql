-- Keys of the rows that have no event id: a hash of the row's content and its number among the equal
-- rows of its drop. Two equal events in one drop are two; the same drop again adds none.
-- Safe to repeat: touches only the batch's temporary table.
-- Fragments: rows, content, hashed
-- Parameters: none
UPDATE staged_keys
SET _key = hashed._key
FROM (
    SELECT
        _seq,
        md5(content || ':' || row_number() OVER (PARTITION BY _drop_no, content ORDER BY _row_no))::UUID AS _key
    FROM (
        SELECT _seq, _drop_no, _row_no, {{ hashed }} AS content
        FROM (
            SELECT r._seq, r._drop_no, r._row_no, {{ content }} AS content
            FROM ({{ rows }}) AS r
            WHERE r._key IS NULL
        )
    )
) AS hashed
WHERE staged_keys.seq = hashed._seq;
