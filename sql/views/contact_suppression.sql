-- Whether each contact that left, complained, failed or opted in may still be written to, by channel.
-- Safe to repeat: reads only; used within the view.
-- Fragments: actions
-- Parameters: none
WITH contacts AS (
    SELECT
        CASE WHEN min(a.account_id) = max(a.account_id) THEN min(a.account_id) END AS account_id,
        CASE WHEN a.channel = 'sms' THEN 'sms' ELSE 'email' END AS channel,
        max(a.contact_id) AS contact_id,
        max_by(a.email, CASE WHEN a.email IS NOT NULL THEN a.event_date END) AS email,
        max_by(a.mobile_number, CASE WHEN a.mobile_number IS NOT NULL THEN a.event_date END) AS mobile_number,
        max(CASE WHEN a.action = 'unsubscribe' THEN a.event_date END) AS last_unsubscribe,
        max(CASE WHEN a.action = 'complaint' THEN a.event_date END) AS last_complaint,
        max(CASE WHEN a.action = 'failure' THEN a.event_date END) AS last_hard_bounce,
        max(CASE WHEN a.action = 'opt_in' THEN a.event_date END) AS last_opt_in,
        max_by(a.reason, CASE WHEN a.action = 'unsubscribe' THEN a.event_date END) AS unsubscribe_reason
    FROM ({{ actions }}) AS a
    WHERE a.contact IS NOT NULL AND (a.action <> 'failure' OR lower(a.failure_type) = 'hardbounced')
    GROUP BY CASE WHEN a.channel = 'sms' THEN 'sms' ELSE 'email' END, a.contact
),

-- Who confirms an opt-in after having left has come back; a complaint or a dead address stays.
states AS (
    SELECT
        *,
        CASE
            WHEN last_complaint IS NOT NULL THEN 'complained'
            WHEN last_unsubscribe IS NOT NULL AND (last_opt_in IS NULL OR last_opt_in <= last_unsubscribe)
                THEN 'unsubscribed'
            WHEN last_hard_bounce IS NOT NULL THEN 'bounced'
            ELSE 'opted_in'
        END AS state
    FROM contacts
)

SELECT
    *,
    state <> 'opted_in' AS suppressed,
    CASE state
        WHEN 'complained' THEN last_complaint
        WHEN 'unsubscribed' THEN last_unsubscribe
        WHEN 'bounced' THEN last_hard_bounce
        ELSE last_opt_in
    END AS since
FROM states;
