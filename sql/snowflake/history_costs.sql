-- What the statements of a run took, by the event type in their tags.
-- Safe to repeat: reads only. Everybody may look at the history of the session that they are in.
-- Fragments: none
-- Parameters: run_id
SELECT
    coalesce(try_parse_json(query_tag)['event']::VARCHAR, '') AS event_type,
    max(warehouse_name) AS warehouse_name,
    max(warehouse_size) AS warehouse_size,
    sum(bytes_scanned) AS bytes_scanned,
    sum(execution_time) AS milliseconds,
    sum(credits_used_cloud_services) AS credits
FROM table(information_schema.query_history_by_session(result_limit => 10000))
WHERE try_parse_json(query_tag)['run']::VARCHAR = :run_id
GROUP BY 1;
