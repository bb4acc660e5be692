"""Values as the driver binds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - naive, as the engine's timestamps


def bound(bindings: Mapping[str, Mapping[str, Any]] | None) -> list[list[object]]:
    """Return rows of values: one for a statement, several for a batch; none without bindings."""
    if not bindings:
        return []
    columns = [bindings[str(place)] for place in range(1, len(bindings) + 1)]
    if not isinstance(columns[0]["value"], list):
        return [[_value(column["type"], column["value"]) for column in columns]]
    return [
        [_value(column["type"], value) for column, value in zip(columns, row, strict=True)]
        for row in zip(*(column["value"] for column in columns), strict=True)
    ]


def _value(kind: str, text: str | None) -> object:  # noqa: C901, PLR0911 - a table
    if text is None:
        return None
    match kind:
        case "FIXED":
            return int(text) if text.lstrip("-").isdigit() else Decimal(text)
        case "REAL":
            return float(text)
        case "BOOLEAN":
            return text.lower() == "true"
        case "BINARY":
            return bytes.fromhex(text)
        case "DATE":
            return (_EPOCH + dt.timedelta(milliseconds=int(text))).date()
        case "TIME":
            return (_EPOCH + dt.timedelta(microseconds=int(text) // 1000)).time()
        case "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ" | "TIMESTAMP_TZ":
            moment = text.partition(" ")[0]
            found = _EPOCH + dt.timedelta(microseconds=int(moment) // 1000)
            return found if kind == "TIMESTAMP_NTZ" else found.replace(tzinfo=dt.UTC)
        case _:
            return text
