"""Keys as the ledger keeps them: as valid text, though a file name may be any bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from msgspec.structs import replace

from firehose_loader.model import Drop

_BYTE = re.compile(r"\\x([89a-f][0-9a-f])")


def to_text(key: str) -> str:
    r"""Return a key as valid text: bytes of a file name that are not UTF-8 as ``\xNN``."""
    if key.isascii():
        return key
    return key.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def stored_drop(  # noqa: PLR0913, PLR0917 - a drop, in the order of the columns
    drop_id: str, source: str, key: str, version: str, size_bytes: int, modified: datetime
) -> Drop:
    r"""Return a drop of the ledger under the key that it has at its source.

    Its id tells whether a ``\xNN`` of the text stands for a byte or is part of the name.
    """
    drop = Drop(
        source=source,
        key=key,
        version=version,
        size_bytes=size_bytes,
        modified=modified.replace(tzinfo=UTC),
    )
    if drop.drop_id == drop_id:
        return drop
    in_bytes = replace(drop, key=_BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), key))
    return in_bytes if in_bytes.drop_id == drop_id else drop
