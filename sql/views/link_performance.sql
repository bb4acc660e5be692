-- How often each link of each campaign was clicked, and by how many contacts.
-- Safe to repeat: reads only; used within the view.
-- Fragments: actions
-- Parameters: none
WITH links AS (
    SELECT
        CASE WHEN min(a.account_id) = max(a.account_id) THEN min(a.account_id) END AS account_id,
        a.channel,
        a.campaign_id,
        a.url,
        max(a.campaign_name) AS campaign_name,
        count(*) AS clicks,
        count(DISTINCT a.contact) AS unique_clicks,
        min(a.event_date) AS first_click,
        max(a.event_date) AS last_click
    FROM ({{ actions }}) AS a
    GROUP BY a.channel, a.campaign_id, a.url
)

SELECT
    *,
    clicks / sum(clicks) OVER (PARTITION BY channel, campaign_id)::DOUBLE AS share_of_clicks
FROM links;
