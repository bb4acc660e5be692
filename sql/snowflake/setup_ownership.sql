-- Hand tables that another role made to the loader's: it changes them, which only their owner may.
-- Safe to repeat: does nothing where it owns them; what others were granted stays.
-- Fragments: schema, role
-- Parameters: none
GRANT OWNERSHIP ON ALL TABLES IN SCHEMA {{ schema }} TO ROLE {{ role }} COPY CURRENT GRANTS;
