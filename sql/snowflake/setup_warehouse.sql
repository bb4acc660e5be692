-- The compute that loads run on: small, and off but while one runs.
-- Safe to repeat: does nothing where it exists.
-- Fragments: warehouse, timeout
-- Parameters: none
-- sqlfluff:exclude_rules:LT02
CREATE WAREHOUSE IF NOT EXISTS {{ warehouse }}
    WAREHOUSE_SIZE = XSMALL
    AUTO_SUSPEND = 60
    AUTO_RESUME = TRUE
    INITIALLY_SUSPENDED = TRUE
    STATEMENT_TIMEOUT_IN_SECONDS = {{ timeout }};
