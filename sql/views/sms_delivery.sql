-- What became of the text messages of each campaign, in total and by contacts.
-- Safe to repeat: reads only; used within the view.
-- Fragments: actions
-- Parameters: none
WITH contacts AS (
    SELECT
        a.campaign_id, a.contact,
        min(a.account_id) AS first_account,
        max(a.account_id) AS last_account,
        max_by(a.campaign_name, CASE WHEN a.campaign_name IS NOT NULL THEN a.event_date END) AS campaign_name,
        max(a.campaign_name) AS any_name,
        min(CASE WHEN a.action = 'send' THEN a.event_date END) AS first_send,
        max(CASE WHEN a.action = 'send' THEN a.event_date END) AS last_send,
        max(a.event_date) AS last_event,
        count(CASE WHEN a.action = 'send' THEN 1 END) AS sends,
        count(CASE WHEN a.action = 'delivery' THEN 1 END) AS delivered,
        count(CASE WHEN a.action = 'failure' THEN 1 END) AS failures,
        count(CASE WHEN a.action = 'failure' AND lower(a.failure_type) = 'hardbounced' THEN 1 END) AS hard_bounces,
        count(CASE WHEN a.action = 'click' THEN 1 END) AS clicks,
        count(CASE WHEN a.action = 'reply' THEN 1 END) AS replies,
        count(CASE WHEN a.action = 'unsubscribe' THEN 1 END) AS unsubscribes
    FROM ({{ actions }}) AS a
    GROUP BY a.campaign_id, a.contact
),

campaigns AS (
    SELECT
        CASE WHEN min(c.first_account) = max(c.last_account) THEN min(c.first_account) END AS account_id,
        c.campaign_id,
        coalesce(
            max_by(c.campaign_name, CASE WHEN c.campaign_name IS NOT NULL THEN c.last_event END), max(c.any_name)
        ) AS campaign_name,
        min(c.first_send) AS first_send,
        max(c.last_send) AS last_send,
        sum(c.sends)::BIGINT AS sends,
        count(CASE WHEN c.sends > 0 THEN c.contact END) AS unique_sends,
        sum(c.delivered)::BIGINT AS delivered,
        count(CASE WHEN c.delivered > 0 THEN c.contact END) AS unique_delivered,
        sum(c.failures)::BIGINT AS failures,
        count(CASE WHEN c.failures > 0 THEN c.contact END) AS unique_failures,
        sum(c.hard_bounces)::BIGINT AS hard_bounces,
        sum(
            CASE WHEN c.sends > c.delivered + c.failures THEN c.sends - c.delivered - c.failures ELSE 0 END
        )::BIGINT AS unsettled,
        sum(c.clicks)::BIGINT AS clicks,
        count(CASE WHEN c.clicks > 0 THEN c.contact END) AS unique_clicks,
        sum(c.replies)::BIGINT AS replies,
        count(CASE WHEN c.replies > 0 THEN c.contact END) AS unique_replies,
        sum(c.unsubscribes)::BIGINT AS unsubscribes,
        count(CASE WHEN c.unsubscribes > 0 THEN c.contact END) AS unique_unsubscribes
    FROM contacts AS c
    GROUP BY c.campaign_id
)

SELECT
    *,
    delivered / nullif(sends, 0)::DOUBLE AS delivery_rate,
    failures / nullif(sends, 0)::DOUBLE AS failure_rate,
    unique_clicks / nullif(unique_delivered, 0)::DOUBLE AS click_rate
FROM campaigns;
