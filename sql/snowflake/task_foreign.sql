-- The drops that have rows of other event types than these.
-- Safe to repeat: reads only.
-- Fragments: present, ours
-- Parameters: none
SELECT t.drop_no FROM ({{ present }}) AS t WHERE t.type_no NOT IN ({{ ours }});
