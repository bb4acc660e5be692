"""What the models of the configuration are made of: strictness, sizes, URLs without secrets."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

GLOB = re.compile(r"[*?\[]")
_SIZE = re.compile(r"(?i)\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|kib|mib|gib)?\s*")
_SIZES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|d|w)\s*")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Model(BaseModel):
    """A table of the configuration: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _bytes(value: object) -> object:
    """Read ``256MB`` and the like; numbers are bytes."""
    if isinstance(value, str) and (match := _SIZE.fullmatch(value)):
        return int(float(match[1]) * _SIZES[(match[2] or "b").lower()])
    return value


Bytes = Annotated[int, BeforeValidator(_bytes), Field(gt=0)]


def _duration(value: object) -> object:
    """Read ``3d``, ``36h`` and the like."""
    if isinstance(value, str) and (match := _DURATION.fullmatch(value)):
        return timedelta(**{_UNITS[match[2]]: float(match[1])})
    if isinstance(value, timedelta):
        return value
    raise ValueError("write a number and s, m, h, d or w, such as 36h or 3d")


Duration = Annotated[timedelta, BeforeValidator(_duration)]


def plain(secret: SecretStr | None) -> str:
    """Return a secret for the one who must send it; empty if there is none."""
    return "" if secret is None else secret.get_secret_value()


def redacted(text: str) -> str:
    """Return a text without the password or the signature that its URLs may hold."""
    # Up to the last @ of the word: a password may hold any sign but a blank.
    text = re.sub(r"(://[^/@:\s]*):\S*@", r"\1:***@", text)
    return re.sub(r"(?i)([?&;]sig(?:nature)?=)[^&;\s'\")]+", r"\1***", text)
