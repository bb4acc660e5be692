"""Where given rows of a drop stand, found in one cheap pass."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from firehose_loader.formats import delimited, json_records
from firehose_loader.formats.recognise import member_content
from firehose_loader.formats.text import KEPT_BYTES, Extent, PartText
from firehose_loader.formats.unpack import Part, unpacked
from firehose_loader.model import Content, Format, Position


def locate(
    path: Path, content: Content, rows: Collection[int], *, max_row_bytes: int
) -> dict[int, Position]:
    """Return the places and texts of data rows, numbered from 1 as all readers number them.

    Numbers beyond the last row have no place. Raises DropMissing and DropDamaged as ``recognise``.
    """
    wanted = set(rows)
    last = max(wanted, default=0)
    found: dict[int, Position] = {}
    with unpacked(path, max_bytes=sys.maxsize) as parts:
        numbered = enumerate(_all_extents(parts, content, max_row_bytes), 1)
        for number, extent in numbered if wanted else ():
            if number in wanted:
                raw = extent.raw[:KEPT_BYTES].decode("utf-8", "backslashreplace")
                found[number] = Position(line=extent.line, offset=extent.offset, raw=raw)
            if number >= last:
                break
    return found


def _all_extents(parts: Iterator[Part], content: Content, max_row_bytes: int) -> Iterator[Extent]:
    for part in parts:
        yield from _extents(part, content, max_row_bytes)


def _extents(part: Part, content: Content, max_row_bytes: int) -> Iterator[Extent]:
    if part.compression == "zip":
        content = member_content(part, content)
    text = PartText(part, content)
    match content.format:
        case Format.EMPTY:
            return
        case Format.CSV:
            extents = delimited.extents(text, content.delimiter, max_row_bytes=max_row_bytes)
            next(extents, None)
            yield from extents
        case Format.NDJSON | Format.JSON_ARRAY | Format.JSON_OBJECT:
            yield from json_records.places(text, content.format, max_row_bytes=max_row_bytes)
