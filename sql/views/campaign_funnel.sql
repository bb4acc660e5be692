-- How far the e-mails of each campaign came: sent, delivered, opened, clicked, in total and by contacts.
-- Safe to repeat: reads only; used within the view.
-- Fragments: actions
-- Parameters: none
WITH contacts AS (
    SELECT
        a.channel, a.campaign_id, a.contact,
        min(a.account_id) AS first_account,
        max(a.account_id) AS last_account,
        max_by(a.campaign_name, CASE WHEN a.campaign_name IS NOT NULL THEN a.event_date END) AS campaign_name,
        max(a.campaign_name) AS any_name,
        min(CASE WHEN a.action = 'send' THEN a.event_date END) AS first_send,
        max(CASE WHEN a.action = 'send' THEN a.event_date END) AS last_send,
        max(a.event_date) AS last_event,
        count(CASE WHEN a.action = 'send' THEN 1 END) AS sends,
        count(CASE WHEN a.action = 'failure' THEN 1 END) AS bounces,
        count(CASE WHEN a.action = 'open' THEN 1 END) AS opens,
        count(CASE WHEN a.action = 'click' THEN 1 END) AS clicks,
        count(CASE WHEN a.action = 'reply' THEN 1 END) AS replies,
        count(CASE WHEN a.action = 'unsubscribe' THEN 1 END) AS unsubscribes,
        count(CASE WHEN a.action = 'complaint' THEN 1 END) AS complaints
    FROM ({{ actions }}) AS a
    GROUP BY a.channel, a.campaign_id, a.contact
),

-- A contact got what was sent to it and did not fail.
reached AS (
    SELECT *, CASE WHEN sends > bounces THEN sends - bounces ELSE 0 END AS delivered
    FROM contacts
),

campaigns AS (
    SELECT
        CASE WHEN min(c.first_account) = max(c.last_account) THEN min(c.first_account) END AS account_id,
        c.channel,
        c.campaign_id,
        coalesce(
            max_by(c.campaign_name, CASE WHEN c.campaign_name IS NOT NULL THEN c.last_event END), max(c.any_name)
        ) AS campaign_name,
        min(c.first_send) AS first_send,
        max(c.last_send) AS last_send,
        max(c.last_event) AS last_event,
        sum(c.sends)::BIGINT AS sends,
        count(CASE WHEN c.sends > 0 THEN c.contact END) AS unique_sends,
        sum(c.bounces)::BIGINT AS bounces,
        count(CASE WHEN c.bounces > 0 THEN c.contact END) AS unique_bounces,
        sum(c.delivered)::BIGINT AS delivered,
        count(CASE WHEN c.delivered > 0 THEN c.contact END) AS unique_delivered,
        sum(c.opens)::BIGINT AS opens,
        count(CASE WHEN c.opens > 0 THEN c.contact END) AS unique_opens,
        sum(c.clicks)::BIGINT AS clicks,
        count(CASE WHEN c.clicks > 0 THEN c.contact END) AS unique_clicks,
        sum(c.replies)::BIGINT AS replies,
        count(CASE WHEN c.replies > 0 THEN c.contact END) AS unique_replies,
        sum(c.unsubscribes)::BIGINT AS unsubscribes,
        count(CASE WHEN c.unsubscribes > 0 THEN c.contact END) AS unique_unsubscribes,
        sum(c.complaints)::BIGINT AS complaints,
        count(CASE WHEN c.complaints > 0 THEN c.contact END) AS unique_complaints
    FROM reached AS c
    GROUP BY c.channel, c.campaign_id
)

SELECT
    *,
    unique_delivered / nullif(unique_sends, 0)::DOUBLE AS delivery_rate,
    unique_bounces / nullif(unique_sends, 0)::DOUBLE AS bounce_rate,
    unique_opens / nullif(unique_delivered, 0)::DOUBLE AS open_rate,
    unique_clicks / nullif(unique_delivered, 0)::DOUBLE AS click_rate,
    unique_clicks / nullif(unique_opens, 0)::DOUBLE AS click_to_open_rate,
    unique_unsubscribes / nullif(unique_delivered, 0)::DOUBLE AS unsubscribe_rate,
    unique_complaints / nullif(unique_delivered, 0)::DOUBLE AS complaint_rate
FROM campaigns;
