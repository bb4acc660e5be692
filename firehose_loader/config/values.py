"""What the models of the configuration are made of: strictness, sizes, URLs without secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PositiveInt,
    SecretStr,
)

from firehose_loader.privacy.retention import ALL_OTHERS

GLOB = re.compile(r"[*?\[]")
_SIZE = re.compile(r"(?i)\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|kib|mib|gib)?\s*")
_SIZES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|d|w)\s*")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


_SizeText = Annotated[str, Field(pattern=r"^\s*\d+(\.\d+)?\s*([kKmMgG]?[iI]?[bB])?\s*$")]
_DurationText = Annotated[str, Field(pattern=r"^\s*\d+(\.\d+)?\s*[smhdw]\s*$")]


class Model(BaseModel):
    """A table of the configuration: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


def _bytes(value: object) -> object:
    """Read ``256MB`` and the like; numbers are bytes."""
    if isinstance(value, str) and (match := _SIZE.fullmatch(value)):
        return int(float(match[1]) * _SIZES[(match[2] or "b").lower()])
    return value


Bytes = Annotated[
    int, BeforeValidator(_bytes, json_schema_input_type=PositiveInt | _SizeText), Field(gt=0)
]


def _duration(value: object) -> object:
    """Read ``3d``, ``36h`` and the like."""
    if isinstance(value, str) and (match := _DURATION.fullmatch(value)):
        return timedelta(**{_UNITS[match[2]]: float(match[1])})
    if isinstance(value, timedelta):
        return value
    raise ValueError("write a number and s, m, h, d or w, such as 36h or 3d")


def _length(value: timedelta) -> str:
    """Write it as it is read."""
    seconds = value.total_seconds()
    unit, length = next(
        (unit, length)
        for unit, length in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
        if not seconds % length or unit == "s"
    )
    return f"{seconds / length:g}{unit}"


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration, json_schema_input_type=_DurationText),
    PlainSerializer(_length, return_type=str),
]


_MOST_DAYS = 36500
_Days = Annotated[int, Field(ge=1, le=_MOST_DAYS)]


def _days(value: object) -> int | None:
    """Read one length of retention; None: for ever."""
    if value == FOREVER:
        return None
    if isinstance(value, str) and value.isdecimal():  # of an environment variable
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_DAYS:
        return value
    raise ValueError(f"{value!r} is no retention: write days, from 1 to {_MOST_DAYS}, or {FOREVER}")


def _retention(value: object) -> dict[str, int | None]:
    """Read ``90`` as ``{"*" = 90}``."""
    given = value if isinstance(value, Mapping) else {ALL_OTHERS: value}
    return {str(name): _days(days) for name, days in given.items()}


FOREVER = "forever"
RetentionTable = Annotated[
    dict[str, int | None],
    BeforeValidator(
        _retention,
        json_schema_input_type=_Days | Literal["forever"] | dict[str, _Days | Literal["forever"]],
    ),
    PlainSerializer(
        lambda of: {name: FOREVER if days is None else days for name, days in of.items()},
        return_type=dict[str, int | str],
    ),
]
"""Event type = days; as ``privacy.Rules``."""


def plain(secret: SecretStr | None) -> str:
    """Return a secret for the one who must send it; empty if there is none."""
    return "" if secret is None else secret.get_secret_value()


def redacted(text: str) -> str:
    """Return a text without the password or the signature that its URLs may hold."""
    # Up to the last @ of the word: a password may hold any sign but a blank.
    text = re.sub(r"(://[^/@:\s]*):\S*@", r"\1:***@", text)
    return re.sub(r"(?i)([?&;]sig(?:nature)?=)[^&;\s'\")]+", r"\1***", text)
