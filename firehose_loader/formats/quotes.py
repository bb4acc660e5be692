"""Whether the engine's reader can be trusted with the quotes of a CSV drop."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

from firehose_loader.errors import DropError
from firehose_loader.formats.possessive import repeated
from firehose_loader.formats.text import PartText
from firehose_loader.formats.unpack import unpacked
from firehose_loader.model import Content

_MOST_HELD_BYTES = 4 * 2**20


def quotes_pair(path: Path, content: Content) -> bool:
    """Tell whether every quote of a drop belongs to a cell that is quoted as a whole.

    The engine's reader may take all that follows an unclosed quote, to the end of the file, for
    one value and drop it without noting a rejected line (DuckDB 2.0.1): such a drop is for the
    strict parser. Their number alone does not tell, for a quote may be text within a cell. False
    too where the drop cannot be unpacked, or a cell is huge.
    """
    try:
        with unpacked(path, max_bytes=sys.maxsize) as parts:
            return all(_pair(PartText(part, content), content.delimiter) for part in parts)
    except DropError:
        return False


def _pair(text: PartText, delimiter: str) -> bool:
    sound = _sound(delimiter)
    held = b"\n"
    for block in text:
        held += block
        match = sound.match(held, 1)
        end = match.end() if match else 1
        # What stands before a quote decides about it, so one byte stays.
        held = held[end - 1 :]
        if len(held) > _MOST_HELD_BYTES:
            return False
    return text.damage is None and sound.fullmatch(held + b"\n", 1) is not None


@cache
def _sound(delimiter: str) -> re.Pattern[bytes]:
    """Return what matches all up to the first quote that does not belong, or may not yet."""
    around = re.escape(delimiter) + r"\r\n"
    inside = repeated('[^"]++', '""')
    quoted = rf'(?<=[{around}])"{inside}"(?=[{around}])'
    return re.compile(repeated('[^"]++', quoted).encode("ascii"))
