-- The schema versions under which drops are read again.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: type_no, event_type, table_name, version
CREATE OR REPLACE TEMP TABLE audit_types AS
SELECT
    unnest(:type_no::INTEGER[]) AS type_no,
    unnest(:event_type::VARCHAR[]) AS event_type,
    unnest(:table_name::VARCHAR[]) AS table_name,
    unnest(:version::VARCHAR[]) AS version;
