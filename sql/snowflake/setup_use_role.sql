-- Go on in the role that may do what follows.
-- Safe to repeat: changes the session only.
-- Fragments: role
-- Parameters: none
USE ROLE {{ role }};
