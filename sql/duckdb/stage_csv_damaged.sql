-- The files in which the CSV reader met a line it could not take.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT DISTINCT s.file_path
FROM staged_rejects AS r
INNER JOIN staged_scans AS s ON r.scan_id = s.scan_id AND r.file_id = s.file_id;
