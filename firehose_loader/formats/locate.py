"""How many rows a drop has, and where given ones stand, found in one cheap pass."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path

from firehose_loader.formats import delimited, json_records
from firehose_loader.formats.recognise import member_content
from firehose_loader.formats.reread import csv_context, json_context
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
        numbered = enumerate(_all_places(parts, content, max_row_bytes), 1)
        for number, (extent, context) in numbered if wanted else ():
            if number in wanted:
                found[number] = Position(
                    line=extent.line,
                    offset=extent.offset,
                    raw=extent.raw[:KEPT_BYTES].decode("utf-8", "backslashreplace"),
                    context=None if _is_cut(extent) else context(),
                )
            if number >= last:
                break
    return found


def count_rows(path: Path, content: Content, *, max_row_bytes: int) -> int:
    """Return how many data rows a drop has, those that cannot be read included.

    The engine's readers have no part in it. Raises DropMissing and DropDamaged as ``recognise``.
    """
    with unpacked(path, max_bytes=sys.maxsize) as parts:
        return sum(1 for _ in _all_places(parts, content, max_row_bytes))


_Place = tuple[Extent, Callable[[], str]]
"""Where a row stands, and what makes its context if that is asked for."""


def _all_places(parts: Iterator[Part], content: Content, max_row_bytes: int) -> Iterator[_Place]:
    for part in parts:
        yield from _places(part, content, max_row_bytes)


def _places(part: Part, content: Content, max_row_bytes: int) -> Iterator[_Place]:
    if part.compression == "zip":
        content = member_content(part, content)
    text = PartText(part, content)
    match content.format:
        case Format.EMPTY:
            return
        case Format.CSV:
            extents = delimited.extents(text, content.delimiter, max_row_bytes=max_row_bytes)
            first = next(extents, None)
            names = delimited.names(first.raw, content.delimiter) if first else []
            context = partial(csv_context, content.delimiter, names)
            yield from ((extent, context) for extent in extents)
        case Format.NDJSON:
            for extent in json_records.places(text, content.format, max_row_bytes=max_row_bytes):
                yield extent, partial(json_context, extent.raw, {})
        case Format.JSON_ARRAY | Format.JSON_OBJECT:
            for extent, members in json_records.records(
                text, content.format, max_row_bytes=max_row_bytes
            ):
                yield extent, partial(json_context, extent.raw, members)


def _is_cut(extent: Extent) -> bool:
    """Tell whether the text kept of a row is not what stands in the drop."""
    return extent.problem is not None or len(extent.raw) > KEPT_BYTES
