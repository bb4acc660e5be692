-- The task; it is suspended until somebody resumes it. What the script tells is kept in the history of tasks.
-- Safe to repeat: replaces it.
-- Fragments: task, warehouse, schedule, body
-- Parameters: none
-- sqlfluff:exclude_rules:LT02
CREATE OR REPLACE TASK {{ task }}
    WAREHOUSE = {{ warehouse }}
    SCHEDULE = {{ schedule }}
    ALLOW_OVERLAPPING_EXECUTION = FALSE
AS
EXECUTE IMMEDIATE
$$
{{ body }}
$$;
