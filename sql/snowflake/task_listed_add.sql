-- What the stage lists of a source: its answer is read, so that LIST comes right before this. Of S3, "md5" is the ETag.
-- Safe to repeat: fills a temporary table of this session, which was made anew.
-- Fragments: location
-- Parameters: stage_url
INSERT INTO task_listed
SELECT
    substr("name", length({{ location }}) + 1) AS key,
    substr("name", length(:stage_url) + 1) AS name,
    "size"::NUMBER(38, 0) AS size_bytes,
    "md5" || ':' || "size" AS version,
    try_to_timestamp_ntz(substr("last_modified", 6, 20), 'DD MON YYYY HH24:MI:SS') AS modified
FROM table(result_scan(last_query_id()))
WHERE startswith("name", {{ location }});
