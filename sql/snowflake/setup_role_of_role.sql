-- Let a role do what another one may.
-- Safe to repeat: does nothing where it may.
-- Fragments: role, above
-- Parameters: none
GRANT ROLE {{ role }} TO ROLE {{ above }};
