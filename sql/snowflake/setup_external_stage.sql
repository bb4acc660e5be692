-- What leads from Snowflake to the drops of a source.
-- Safe to repeat: does nothing where it exists.
-- Fragments: stage, location, integration
-- Parameters: none
-- sqlfluff:exclude_rules:LT02
CREATE STAGE IF NOT EXISTS {{ stage }}
    URL = {{ location }}
    STORAGE_INTEGRATION = {{ integration }};
