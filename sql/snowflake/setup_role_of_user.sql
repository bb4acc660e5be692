-- Let a user take on a role.
-- Safe to repeat: does nothing where it may.
-- Fragments: role, user
-- Parameters: none
GRANT ROLE {{ role }} TO USER {{ user }};
