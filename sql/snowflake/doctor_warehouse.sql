-- How a warehouse is set, and whether it is on.
-- Safe to repeat: reads only, and wakes no warehouse.
-- Fragments: pattern
-- Parameters: none
SHOW WAREHOUSES LIKE {{ pattern }};
