"""A first look into a large CSV drop: whether it begins as it should go on."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

from firehose_loader.formats import delimited
from firehose_loader.formats.text import PartText
from firehose_loader.formats.unpack import unpacked
from firehose_loader.model import Content

_LARGE_BYTES = 2**20
_ROWS = 1000


def begins_well(path: Path, content: Content, *, size_bytes: int, max_row_bytes: int) -> bool:
    """Tell whether the first rows of a CSV drop are sound; small drops are not looked into.

    The engine's reader keeps much of every line that it refuses, a million of them included. The
    strict parser stops where the error budget is spent.
    """
    if size_bytes < _LARGE_BYTES:
        return True
    with unpacked(path, max_bytes=sys.maxsize) as parts:
        for part in parts:
            text = PartText(part, content)
            _, rows = delimited.table(text, content.delimiter, max_row_bytes=max_row_bytes)
            return all(not extent.problem for extent, _cells in islice(rows, _ROWS))
    return True
