-- A user of its own for the loader: a service, which no person signs in as.
-- Safe to repeat: does nothing where it exists.
-- Fragments: user, proof, role
-- Parameters: none
CREATE USER IF NOT EXISTS {{ user }}
    TYPE = SERVICE
    DEFAULT_ROLE = {{ role }}
    DEFAULT_SECONDARY_ROLES = ()
    {{ proof }};
