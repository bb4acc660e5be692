"""Realistic values for fields: by their column's name, else by what they hold, else by type.

No text begins with a quote, a comma or white space: so a quote that a bad CSV row leaves open
never finds one in a good row that could close it properly, and only the bad row is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias
from uuid import UUID

from msgspec import Struct

from firehose_loader.schema.model import EventSchema, Field, FieldType

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"

_CONTACTS = 2000
_CAMPAIGNS = 24
_OTHERS = 509
_NULL_SHARE = 0.1
_NEVER_NULL = frozenset({"account_id", "contact_id", "campaign_id"})

_FIRST_NAMES = ("ada", "chloé", "emma", "günter", "hana", "joão", "kenji", "olga", "søren", "zoë")
_LAST_NAMES = ("adeyemi", "costa", "dubois", "garcía", "kim", "müller", "novák", "patel", "sato")
_DOMAINS = ("example.com", "mail.example.org", "post.example.net", "müller.example")
_CAMPAIGN_NAMES = (
    "Spring sale",
    "Weekly digest",
    "Welcome, part 1",
    "Welcome, part 2",
    'The "big" one',
    "Frühjahrsaktion für Ü50",
    "春のセール 日本",
    "Black Friday 🎉",
    "Été et Noël, soldes",
    "Win-back; 90 days",
    "Abandoned\tbasket",
    "Two lines\nin one name",
)
_MESSAGES = (
    "STOP",
    "Thanks!",
    "Yes, please",
    'I said "no", twice',
    "Line one\nline two, with a comma\n\nand a last one",
    "Grüße aus Köln, bis bald",
    "ありがとう、日本から",
    "Love it 😍🎉, send more",
    "Where is my order no. 4711?",
    "https://shop.example.com/r?x=1&y=a,b",
    "C:\\temp\\new 'quoted'",
)
_SUBJECTS = (
    "Re: Spring sale",
    "Re: Your order, shipped",
    'AW: "Willkommen" für dich',
    "Re: 春のセール 🌸",
    "Out of office",
    "Re: two\nlines",
)
_WORDS = ("alpha", "beta", "gamma", "delta, epsilon", 'so-called "zeta"', "größe", "東京", "🎈 eta")
_AGENTS = (
    ("Chrome", "126.0", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36"),
    ("Apple Mail", "16.0", "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko)"),
    ("iPhone", "17.5", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148"),
    ("Gmail", None, "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko (via ggpht.com GoogleImageProxy)"),
    ("Outlook", "16.0.17726", "Microsoft Office/16.0 (Microsoft Outlook 16.0.17726; Pro)"),
    ("Android", "14", "Mozilla/5.0 (Linux; Android 14; Pixel 8) (KHTML, like Gecko) Chrome/125.0"),
    (None, None, "curl/8.8.0"),
)
_BOUNCES = ("hardBounced", "softBounced", "mailBlocked")


class Pool(Struct, frozen=True):
    """Values to draw from."""

    group: str
    """Pools of one group are drawn from at one place together: a contact keeps its address."""
    values: Sequence[Value]


class Vocabulary:
    """The pools of one sample."""

    def __init__(self, random: Random, start: datetime) -> None:
        """Make the people, campaigns and so on that the sample is about.

        Args:
            random: decides everything.
            start: times that are neither the event's nor the delivery's lie in the month before.
        """
        self._random = random
        self._by_column = {
            **_contacts(random),
            **_campaigns(random),
            **_devices(random),
            **_others(random),
        }
        days = [start - timedelta(seconds=random.randrange(30 * 86400)) for _ in range(_OTHERS)]
        self._by_type: Mapping[FieldType, Sequence[Value]] = {
            FieldType.TEXT: random.choices(_WORDS, k=_OTHERS),
            FieldType.INTEGER: [random.randrange(1, 100_000) for _ in range(_OTHERS)],
            FieldType.NUMBER: [random.randrange(100_000) / 100 for _ in range(_OTHERS)],
            FieldType.BOOLEAN: random.choices((True, False), k=_OTHERS),
            FieldType.TIMESTAMP: [day.strftime("%Y-%m-%dT%H:%M:%SZ") for day in days],
            FieldType.DATE: [day.strftime("%Y-%m-%d") for day in days],
            FieldType.JSON: [{"id": n, "note": "größe, 東京"} for n in range(_OTHERS)],
        }

    def pool(self, schema: EventSchema, field: Field) -> Pool:
        """Return the pool for a field; one that may be missing sometimes is."""
        found = self._named(schema, field) or Pool(field.column, self._by_type[field.type])
        if field.required or field.column in {*_NEVER_NULL, *schema.key}:
            filler = next(value for value in found.values if value is not None)
            return Pool(found.group, [filler if v is None else v for v in found.values])
        share = _NULL_SHARE if field.type is not FieldType.JSON else 0.6
        kept = [None if self._random.random() < share else value for value in found.values]
        return Pool(found.group, kept)

    def _named(self, schema: EventSchema, field: Field) -> Pool | None:
        """Find a pool by the column's name or by what the field holds, if it fits the type."""
        for name in (f"{schema.event_type} {field.column}", field.column, f"pii {field.pii}"):
            pool = self._by_column.get(name)
            if pool is None:
                continue
            if _fits(next(v for v in pool.values if v is not None), field.type):
                return pool
            if field.type is FieldType.TEXT:
                return Pool(pool.group, [None if v is None else str(v) for v in pool.values])
        return None


def _fits(value: Value, kind: FieldType) -> bool:
    match kind:
        case FieldType.TEXT:
            return isinstance(value, str)
        case FieldType.BOOLEAN:
            return isinstance(value, bool)
        case FieldType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case FieldType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case FieldType.JSON:
            return isinstance(value, list | dict)
        case FieldType.TIMESTAMP | FieldType.DATE:
            return False


def _contacts(random: Random) -> dict[str, Pool]:
    numbers = random.sample(range(100_000, 9_999_999), _CONTACTS)
    emails = [
        f"{random.choice(_FIRST_NAMES)}.{random.choice(_LAST_NAMES)}{n}@{random.choice(_DOMAINS)}"
        for n in range(_CONTACTS)
    ]
    columns: dict[str, Sequence[Value]] = {
        "contact_id": numbers,
        "profile_id": [f"profile-{number:x}" for number in numbers],
        "email": emails,
        "from_address": emails,
        "pii email": emails,
        "mobile_number": [f"+4477009{random.randrange(100_000):05}" for _ in numbers],
    }
    columns["pii phone"] = columns["mobile_number"]
    return {column: Pool("contact", values) for column, values in columns.items()}


def _campaigns(random: Random) -> dict[str, Pool]:
    columns: dict[str, Sequence[Value]] = {
        "campaign_id": random.sample(range(1000, 99_999), _CAMPAIGNS),
        "campaign_name": [
            _CAMPAIGN_NAMES[n % len(_CAMPAIGN_NAMES)] + f" {2025 + n // len(_CAMPAIGN_NAMES)}"
            for n in range(_CAMPAIGNS)
        ],
    }
    return {column: Pool("campaign", values) for column, values in columns.items()}


def _devices(random: Random) -> dict[str, Pool]:
    agents = random.choices(_AGENTS, k=_OTHERS)
    columns: dict[str, Sequence[Value]] = {
        "mail_client": [client for client, _, _ in agents],
        "mail_client_version": [version for _, version, _ in agents],
        "user_agent": [agent for _, _, agent in agents],
        "pii user_agent": [agent for _, _, agent in agents],
    }
    return {column: Pool("device", values) for column, values in columns.items()}


def _others(random: Random) -> dict[str, Pool]:
    def some(*words: Value) -> list[Value]:
        return random.choices(words, k=_OTHERS)

    def below(limit: int) -> int:
        return random.randrange(limit)

    each = range(_OTHERS)
    ips: list[Value] = [f"203.0.113.{below(256)}" for _ in each]
    ips[::7] = [f"2001:db8::{below(65536):x}:{below(65536):x}" for _ in each[::7]]
    urls: list[Value] = [
        f"https://shop.example.com/{random.choice(('p', 'sale', 'größen'))}/{below(5000)}"
        f"?utm_source=dotdigital&utm_campaign={below(90)}&q={random.choice(('a,b', 'ü', '%20x'))}"
        for _ in each
    ]
    columns: dict[str, list[Value]] = {
        "account_id": some(33210, 33210, 33210, 54321),
        "ip_address": ips,
        "pii ip": ips,
        "url": urls,
        "pii url_query": urls,
        "subject": some(*_SUBJECTS),
        "message": some(*_MESSAGES),
        "pii free_text": some(*_MESSAGES),
        "message_id": [f"{random.getrandbits(64):016x}" for _ in each],
        "send_id": [str(UUID(int=random.getrandbits(128), version=4)) for _ in each],
        "client_ref": [f"order-{below(100_000)}" for _ in each],
        "keyword": some("header", "hero, left", "footer", "cta"),
        "groups": [
            [{"name": f"group {below(9)}", "dateCreated": "2025-11-02T08:00:00Z"}] for _ in each
        ],
        "address_book_ids": [[below(900), below(900)] for _ in each],
        "contact_ids": [[below(9000) for _ in range(3)] for _ in each],
        "split_test_options": [{"metric": "opens", "percentage": below(50)} for _ in each],
        "data": [{"channel": "preference, centre", "attempt": below(4)} for _ in each],
        "status": some("Sent", "Sending"),
        "reason": some("Unsubscribed", "DirectComplaint", "Suppressed", "IspComplained"),
        "pushNotification.error reason": some("DeviceNotRegistered", "Timeout, gateway"),
        "failure_type": some(*_BOUNCES),
        "sms.failed failure_type": some(*_BOUNCES[:2], "failed", "expired", "deleted", "skipped"),
        "reply_type": some("Reply", "AutoReply", "ChallengeResponse", "Unsafe"),
        "to_address": some("hello@brand.example", "news@brand.example"),
        "custom_reply_to_address": some("care@brand.example"),
        "social_network": some("Facebook", "X", "LinkedIn", "Mixi 日本"),
        "landing_page_id": some(*range(700, 720)),
        "landing_page_name": some(*_CAMPAIGN_NAMES),
    }
    return {column: Pool(column, values) for column, values in columns.items()}
