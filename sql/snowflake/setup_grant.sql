-- Give a role rights on one object.
-- Safe to repeat: does nothing where it has them.
-- Fragments: rights, object, role
-- Parameters: none
GRANT {{ rights }} ON {{ object }} TO ROLE {{ role }};
