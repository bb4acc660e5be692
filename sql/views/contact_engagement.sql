-- When each contact was last written to, and when and where it last opened, clicked or replied.
-- Safe to repeat: reads only; used within the view.
-- Fragments: actions
-- Parameters: none
SELECT
    CASE WHEN min(a.account_id) = max(a.account_id) THEN min(a.account_id) END AS account_id,
    max(a.contact_id) AS contact_id,
    max_by(a.email, CASE WHEN a.email IS NOT NULL THEN a.event_date END) AS email,
    max_by(a.mobile_number, CASE WHEN a.mobile_number IS NOT NULL THEN a.event_date END) AS mobile_number,
    count(CASE WHEN a.action = 'send' THEN 1 END) AS sends,
    max(CASE WHEN a.action = 'send' THEN a.event_date END) AS last_send,
    count(CASE WHEN a.action = 'open' THEN 1 END) AS opens,
    max(CASE WHEN a.action = 'open' THEN a.event_date END) AS last_open,
    count(CASE WHEN a.action = 'click' THEN 1 END) AS clicks,
    max(CASE WHEN a.action = 'click' THEN a.event_date END) AS last_click,
    count(CASE WHEN a.action = 'reply' THEN 1 END) AS replies,
    max(CASE WHEN a.action = 'reply' THEN a.event_date END) AS last_reply,
    max(CASE WHEN a.action <> 'send' THEN a.event_date END) AS last_engaged,
    max_by(a.channel, CASE WHEN a.action <> 'send' THEN a.event_date END) AS last_channel
FROM ({{ actions }}) AS a
WHERE a.contact IS NOT NULL
GROUP BY a.contact;
