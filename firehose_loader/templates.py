"""Keys with the date in them: where to look for new drops, and where loaded ones go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from firehose_loader.model import Drop

_FIELD = re.compile(r"\{(\w+)\}")
_DATE = {"yyyy": "%Y", "mm": "%m", "dd": "%d", "hh": "%H"}
_LAST_SIGN = "\U0010ffff"


def archive_folder(template: str) -> str:
    """Return what every key in an archive starts with: the template up to its first field."""
    literal = template.partition("{")[0]
    return literal[: literal.rfind("/") + 1]


def archive_key(template: str, drop: Drop) -> str:
    """Return where a drop goes; for one drop always the same, whenever it is asked."""
    values = {
        **_dated(drop.modified),
        "key": drop.key,
        "name": drop.key.rpartition("/")[2],
        "drop_id": drop.drop_id,
    }
    return _FIELD.sub(lambda match: values[match[1]], template)


def further_key(key: str, drop: Drop) -> str:
    """Return another place, for a drop whose place is taken by an earlier version of it."""
    folder, slash, name = key.rpartition("/")
    return f"{folder}{slash}{drop.drop_id}-{name}"


def behind(folder: str) -> str:
    """Return what sorts behind all that lies in a folder, and before what follows it."""
    return folder + _LAST_SIGN


def dated_prefixes(
    template: str, accounts: Sequence[str], *, now: datetime, look_back: timedelta
) -> list[str]:
    """Return the prefixes under which drops of the last while lie, in key order.

    The slot that comes next is among them: the sender's clock may be ahead.
    """
    fields = set(_FIELD.findall(template))
    step = timedelta(hours=1) if "hh" in fields else timedelta(days=1)
    found = set()
    for account in accounts or ("",):
        slot = now.astimezone(UTC) - look_back
        while slot <= now.astimezone(UTC) + step:
            values = {**_dated(slot), "account_id": account}
            found.add(_FIELD.sub(lambda match, values=values: values[match[1]], template))  # type: ignore[misc]
            slot += step
    return sorted(found, key=lambda prefix: prefix.encode())


def _dated(time: datetime) -> dict[str, str]:
    return {name: time.strftime(code) for name, code in _DATE.items()}
