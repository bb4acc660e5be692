"""A drop that is set aside as a whole, as the quarantine keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from firehose_loader.errors import (
    DropError,
    DropTooBad,
    DropTooLarge,
    DropTooSlow,
    SchemaFrozen,
    SpoolFull,
    TooManyFields,
)
from firehose_loader.model import Reason, Rejection

RAW_HEAD_BYTES = 1000
_REASONS: Mapping[type[DropError], Reason] = {
    DropTooLarge: Reason.TOO_LARGE,
    TooManyFields: Reason.TOO_LARGE,
    DropTooSlow: Reason.TOO_LARGE,
    SpoolFull: Reason.TOO_LARGE,
    DropTooBad: Reason.TOO_MANY_BAD,
    SchemaFrozen: Reason.SCHEMA_FROZEN,
}


def whole_drop(path: Path | None, error: DropError) -> Rejection:
    """A drop as a whole, with the beginning of its bytes."""
    head = b""
    if path is not None:
        with path.open("rb") as file:
            head = file.read(RAW_HEAD_BYTES)
    return Rejection(
        row=None,
        line=None,
        offset=None,
        reason=_REASONS.get(type(error), Reason.UNPARSEABLE),
        field=error.fields[0] if isinstance(error, SchemaFrozen) else None,
        message=str(error),
        raw=head.decode("utf-8", "backslashreplace"),
    )
