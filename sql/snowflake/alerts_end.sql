-- Note that causes are over, and that people know.
-- Safe to repeat: what is over stays so since when it was noted first.
-- Fragments: table
-- Parameters: causes, now
UPDATE {{ table }}
SET ended_at = :now::TIMESTAMP_NTZ
WHERE
    ended_at IS NULL
    AND cause IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:causes))) AS l);
