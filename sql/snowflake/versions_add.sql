-- Note the version of the loader's own tables. MERGE locks, so that two who note it at once note it once.
-- Safe to repeat: puts in what is not there.
-- Fragments: table
-- Parameters: version, loader_version, now
MERGE INTO {{ table }} AS t
USING (SELECT :version AS version, :loader_version AS loader_version, :now::TIMESTAMP_NTZ AS since) AS s
    ON t.version = s.version
WHEN NOT MATCHED THEN INSERT (version, loader_version, since) VALUES (s.version, s.loader_version, s.since);
