-- Write the record of a run.
-- Safe to repeat: each run has an id of its own.
-- Fragments: table
-- Parameters: run_id, started_at, finished_at, status, exit_code, loader_version, summary, costs
INSERT INTO {{ table }}
SELECT
    :run_id, :started_at::TIMESTAMP, :finished_at::TIMESTAMP, :status, :exit_code, :loader_version,
    :summary::JSON, :costs::JSON;
