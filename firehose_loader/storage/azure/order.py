"""From the order in which Azure lists names to the order of their UTF-8 bytes."""

from __future__ import annotations

from collections.abc import Iterator

from firehose_loader.errors import AccessDenied
from firehose_loader.model import Drop

_FIRST_DISPUTED = "\ue000"
"""From here on UTF-16 and UTF-8 sort differently: in UTF-16 what is beyond U+FFFF comes first."""
_LAST_OF_BMP = "\uffff"


def start_of(after: str) -> str:
    """Return where the server must start so that, in either order, nothing behind is left out."""
    disputed = (place for place, sign in enumerate(after) if sign >= _FIRST_DISPUTED)
    return after[: next(disputed, len(after))]


def in_utf8_order(listed: Iterator[Drop], *, place: str, after: str) -> Iterator[Drop]:
    """Yield drops behind ``after`` by the bytes of their keys, from a listing by UTF-16 or UTF-8.

    Held back are only drops whose keys are alike up to a sign beyond U+FFFF, such as an emoji.

    Raises:
        AccessDenied: the listing is in another order still.
    """
    last = after.encode()
    for group in _groups(listed):
        for drop in sorted(group, key=lambda drop: drop.key.encode()):
            key = drop.key.encode()
            if key <= last:
                if key <= after.encode():
                    continue
                raise AccessDenied(
                    f"{place} lists {drop.key!r} out of order. A listing that does not sort by"
                    " name cannot go on where it was cut. An account with a hierarchical namespace"
                    " does not: set hierarchical = true, and it is listed folder by folder"
                )
            last = key
            yield drop


def _groups(listed: Iterator[Drop]) -> Iterator[list[Drop]]:
    """Split a listing into runs within which the two orders differ; most are of one drop."""
    group: list[Drop] = []
    shared = ""
    for drop in listed:
        if group and not _belongs(drop.key, shared):
            yield group
            group = []
        if not group:
            beyond = (place for place, sign in enumerate(drop.key) if sign > _LAST_OF_BMP)
            place = next(beyond, None)
            if place is None:
                yield [drop]
                continue
            shared = drop.key[:place]
        group.append(drop)
    if group:
        yield group


def _belongs(key: str, shared: str) -> bool:
    rest = key.removeprefix(shared) if key.startswith(shared) else ""
    return rest[:1] >= _FIRST_DISPUTED
