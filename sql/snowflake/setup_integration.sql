-- What lets Snowflake read buckets without keys.
-- Safe to repeat: does nothing where it exists.
-- Fragments: integration, provider, locations
-- Parameters: none
-- sqlfluff:exclude_rules:LT02
CREATE STORAGE INTEGRATION IF NOT EXISTS {{ integration }}
    TYPE = EXTERNAL_STAGE
    STORAGE_PROVIDER = {{ provider }}
    ENABLED = TRUE
    STORAGE_ALLOWED_LOCATIONS = ({{ locations }});
