-- Note the version of the loader's own tables.
-- Safe to repeat: puts in what is not there.
-- Fragments: table
-- Parameters: version, loader_version, now
INSERT INTO {{ table }} (version, loader_version, since)
SELECT :version, :loader_version, :now::TIMESTAMPTZ::TIMESTAMP
WHERE NOT EXISTS (SELECT 1 FROM {{ table }} AS v WHERE v.version = :version);
