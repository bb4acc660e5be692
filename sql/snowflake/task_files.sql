-- The drops that the task reads, as the external mode notes those of a batch.
-- Safe to repeat: fills a temporary table of this session, which was made anew.
-- Fragments: none
-- Parameters: none
INSERT INTO external_files
SELECT d.file, d.drop_no, d.drop_id, d.modified, d.forced_no, d.default_no, 0
FROM task_drops AS d
WHERE d.why IS NULL;
