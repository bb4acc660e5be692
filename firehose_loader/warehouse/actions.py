"""What the marketing views read: of each event type, in which channel somebody did what."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from firehose_loader.schema.model import FieldType

ACTIONS: Mapping[str, tuple[str, str]] = {
    "email.send": ("email", "send"),
    "email.failed": ("email", "failure"),
    "email.open": ("email", "open"),
    "email.click": ("email", "click"),
    "email.reply": ("email", "reply"),
    "email.unsubscribed": ("email", "unsubscribe"),
    "email.ispComplained": ("email", "complaint"),
    "email.doubleOptIn": ("email", "opt_in"),
    "transactional.emailCampaignSend": ("transactional", "send"),
    "transactional.emailFailed": ("transactional", "failure"),
    "transactional.open": ("transactional", "open"),
    "transactional.click": ("transactional", "click"),
    "sms.send": ("sms", "send"),
    "sms.delivered": ("sms", "delivery"),
    "sms.failed": ("sms", "failure"),
    "sms.click": ("sms", "click"),
    "sms.reply": ("sms", "reply"),
    "sms.unsubscribed": ("sms", "unsubscribe"),
    "pushNotification.send": ("push", "send"),
    "pushNotification.error": ("push", "failure"),
    "interaction.pushClick": ("push", "click"),
}
"""By event type, the channel and the action."""

COLUMNS: Mapping[str, FieldType] = {
    "event_type": FieldType.TEXT,
    "event_date": FieldType.TIMESTAMP,
    "account_id": FieldType.INTEGER,
    "contact_id": FieldType.INTEGER,
    "email": FieldType.TEXT,
    "mobile_number": FieldType.TEXT,
    "campaign_id": FieldType.INTEGER,
    "campaign_name": FieldType.TEXT,
    "url": FieldType.TEXT,
    "failure_type": FieldType.TEXT,
    "reason": FieldType.TEXT,
    "_drop_id": FieldType.TEXT,
}
"""Of the event tables, the columns that the views read; NULL where a table has no such column."""


class Marketing(Struct, frozen=True, kw_only=True):
    """One view over actions."""

    columns: tuple[str, ...]
    channels: Collection[str] = ()
    """Together with the actions: the event types that it reads. Neither: all tables there are."""
    actions: Collection[str] = ()

    @property
    def event_types(self) -> list[str]:
        """The event types that it reads; empty: all."""
        return [
            event_type
            for event_type, (channel, action) in ACTIONS.items()
            if channel in self.channels and action in self.actions
        ]


_FUNNEL = ("sends", "bounces", "delivered", "opens", "clicks", "replies", "unsubscribes")
_ROLL_UP = (
    *("account_id", "event_type", "events", "contacts", "campaigns"),
    *("late_1h", "late_24h", "longest_delay_seconds"),
)
_CAMPAIGN = ("account_id", "channel", "campaign_id")

MARKETING: Mapping[str, Marketing] = {
    "campaign_funnel": Marketing(
        columns=(
            *(*_CAMPAIGN, "campaign_name", "first_send", "last_send", "last_event"),
            *(name for step in (*_FUNNEL, "complaints") for name in (step, f"unique_{step}")),
            *("delivery_rate", "bounce_rate", "open_rate", "click_rate", "click_to_open_rate"),
            *("unsubscribe_rate", "complaint_rate"),
        ),
        channels=("email", "transactional"),
        actions=("send", "failure", "open", "click", "reply", "unsubscribe", "complaint"),
    ),
    "contact_engagement": Marketing(
        columns=(
            *("account_id", "contact_id", "email", "mobile_number"),
            *("sends", "last_send", "opens", "last_open", "clicks", "last_click"),
            *("replies", "last_reply", "last_engaged", "last_channel"),
        ),
        channels=("email", "transactional", "sms", "push"),
        actions=("send", "open", "click", "reply"),
    ),
    "contact_suppression": Marketing(
        columns=(
            *("account_id", "channel", "contact_id", "email", "mobile_number"),
            *("last_unsubscribe", "last_complaint", "last_hard_bounce", "last_opt_in"),
            *("unsubscribe_reason", "state", "suppressed", "since"),
        ),
        channels=("email", "transactional", "sms"),
        actions=("unsubscribe", "complaint", "failure", "opt_in"),
    ),
    "events_daily": Marketing(columns=("event_day", *_ROLL_UP)),
    "events_hourly": Marketing(columns=("event_hour", *_ROLL_UP)),
    "link_performance": Marketing(
        columns=(
            *(*_CAMPAIGN, "url", "campaign_name", "clicks", "unique_clicks"),
            *("first_click", "last_click", "share_of_clicks"),
        ),
        channels=("email", "transactional", "sms", "push"),
        actions=("click",),
    ),
    "sms_delivery": Marketing(
        columns=(
            *("account_id", "campaign_id", "campaign_name", "first_send", "last_send"),
            *("sends", "unique_sends", "delivered", "unique_delivered"),
            *("failures", "unique_failures", "hard_bounces", "unsettled"),
            *("clicks", "unique_clicks", "replies", "unique_replies"),
            *("unsubscribes", "unique_unsubscribes"),
            *("delivery_rate", "failure_rate", "click_rate"),
        ),
        channels=("sms",),
        actions=("send", "delivery", "failure", "click", "reply", "unsubscribe"),
    ),
}
"""By name, which is that of a file in ``sql/views``."""
