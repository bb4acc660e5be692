-- Who is signed in, and what the session runs on.
-- Safe to repeat: reads only, and needs no warehouse.
-- Fragments: none
-- Parameters: none
SELECT current_user() AS user_name, current_role() AS role_name, current_warehouse() AS warehouse_name;
