"""Objects that wrap events, such as ``{"events": [...], "accountId": 5}``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from firehose_loader.formats.json_texts import Members
from firehose_loader.schema.names import fold

WRAPPERS = frozenset({"events", "items", "data", "records", "rows", "results", "value", "_items"})
"""Names, in any case, under which a wrapper holds its events."""
_EVENT_MARKS = frozenset({"eventid", "id", "contactid", "email"})
"""An object that has one of these is an event itself, whatever arrays it holds."""
_ENVELOPE = frozenset(
    {"eventtype", "eventname", "accountid", "useraccountid", "processeddate", "dateprocessed"}
)
"""What a wrapper says of all its events."""
_ABOUT = _ENVELOPE | frozenset(
    {"count", "total", "totalcount", "size", "limit", "offset", "page", "pagesize", "pagenumber"}
    | {"pages", "totalpages", "next", "nextpage", "nexttoken", "nextlink", "previous", "cursor"}
    | {"hasmore", "more", "links", "@odata.context", "meta", "metadata", "status", "version"}
)
_ARRAY = re.compile(rb"\[\s*+([{\]])")


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return fold(name)


def is_wrapper(members: Members) -> bool:
    """Tell whether an object's events are the elements of one of its arrays.

    It holds exactly one array of objects under a wrapper's name, and nothing that marks it as an
    event. With an empty array it must hold nothing else that could be an event's.
    """
    if is_event(members):
        return False
    found = {
        name: array[1]
        for name, value in members.items()
        if name.casefold() in WRAPPERS and (array := _ARRAY.match(value))
    }
    full = [name for name, first in found.items() if first == b"{"]
    if full or len(found) != 1:
        return len(full) == 1
    return all(name in found or _folded(name) in _ABOUT for name in members)


def is_event(names: Iterable[str]) -> bool:
    """Tell whether members of these names mark an object as an event."""
    return any(_folded(name) in _EVENT_MARKS for name in names)


def envelope_of(members: Members) -> Members:
    """Return what a wrapper says of all its events."""
    return {
        name: value
        for name, value in members.items()
        if _folded(name) in _ENVELOPE and value[:1] not in {b"{", b"["}
    }


def with_envelope(members: Members, envelope: Members) -> Members:
    """Return an event with what its wrapper says and it does not."""
    if not envelope:
        return members
    own = {_folded(name) for name in members}
    return {**members, **{k: v for k, v in envelope.items() if _folded(k) not in own}}
