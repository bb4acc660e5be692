-- How many events of each type happened in each hour, and how many of them were delivered late.
-- Safe to repeat: reads only; used within the view.
-- Fragments: actions, drops
-- Parameters: none
SELECT
    date_trunc('hour', e.event_date) AS event_hour,
    e.account_id,
    e.event_type,
    count(*) AS events,
    count(DISTINCT e.contact) AS contacts,
    count(DISTINCT e.campaign_id) AS campaigns,
    count(CASE WHEN datediff('second', e.event_date, d.modified) > 3600 THEN 1 END) AS late_1h,
    count(CASE WHEN datediff('second', e.event_date, d.modified) > 86400 THEN 1 END) AS late_24h,
    max(datediff('second', e.event_date, d.modified)) AS longest_delay_seconds
FROM ({{ actions }}) AS e
LEFT JOIN {{ drops }} AS d ON d.drop_id = e._drop_id
GROUP BY date_trunc('hour', e.event_date), e.account_id, e.event_type;
