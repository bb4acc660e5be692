-- Begin the new file beside the old one.
-- Safe to repeat: what an earlier attempt left was removed before.
-- Fragments: path, new, version
-- Parameters: none
ATTACH {{ path }} AS {{ new }} (STORAGE_VERSION {{ version }});
