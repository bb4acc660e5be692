"""How names of fields, columns and tables are compared and made."""

from __future__ import annotations

import re
from functools import lru_cache

_SEPARATORS = re.compile(r"[_\-.\s]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"\W+")
_KEPT_CHARACTERS = 100
"""What a feed may call a field is remembered only if it is no longer."""
RESERVED_PREFIX = "_"
LANDED = "landed_rows"
"""The table of rows that are only landed."""
"""Columns that begin with it are the loader's own."""
RESERVED_COLUMNS = frozenset({"rowid"})
"""The engine's own name for where a row is; a column of that name would hide it."""

VIEWS = frozenset(
    {
        *("events", "campaign_funnel", "contact_engagement", "contact_suppression"),
        *("events_daily", "events_hourly", "link_performance", "sms_delivery"),
    }
)
"""Names of the loader's own views, which no event type may have."""


def fold(name: str) -> str:
    """Return what two spellings of one name share: ``eventId``, ``EVENT_ID`` and ``event id``."""
    return _known_fold(name) if len(name) <= _KEPT_CHARACTERS else _fold(name)


def _fold(name: str) -> str:
    return _SEPARATORS.sub("", name.strip()).casefold()


_known_fold = lru_cache(maxsize=4096)(_fold)
"""The same few names are asked for again and again: once for each event type and field."""


PAYLOADS = frozenset({"data", "payload", "details"})
"""Folded names of the member in which an envelope carries the event's own fields."""


def is_payload(name: str) -> bool:
    """Tell whether the members of a field of that name are fields of the event itself."""
    return fold(name) in PAYLOADS


def within_payload(name: str) -> str | None:
    """Return what a payload's member is called in it: ``data.contactId`` -> ``contactId``."""
    outer, dot, inner = name.partition(".")
    return inner if dot and fold(inner) and is_payload(outer) else None


def snake(name: str) -> str:
    """Return the column of a field: ``eventId`` -> ``event_id``; never empty, never reserved."""
    words = _NOT_WORD.sub("_", _CAMEL.sub("_", name.strip()))
    column = re.sub(r"_+", "_", words).strip("_").lower()
    return column or "field"


def table_name(event_type: str, model: int) -> str:
    """Return a table's name: ``email.open`` -> ``email_open``, its model 2 ``email_open_2``."""
    return snake(event_type) if model == 1 else f"{snake(event_type)}_{model}"
