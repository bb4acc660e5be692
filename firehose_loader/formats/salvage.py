"""The strict parser's whole pass over one drop: good rows into a clean file, the rest told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from firehose_loader.formats import delimited, json_records
from firehose_loader.formats.fields import Fields
from firehose_loader.formats.recognise import member_content
from firehose_loader.formats.text import KEPT_BYTES, Extent, PartText
from firehose_loader.formats.unpack import Part, unpacked
from firehose_loader.model import Content, Format, Limits, Rejection, Salvage

_BREAKS_LINES = re.compile(r'["\r\n]')
_NULL = rb"\N"
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def salvage(path: Path, content: Content, target: Path, limits: Limits) -> Salvage:
    """Write a drop's good rows to ``target``, and tell all others with their place and reason.

    Rows are numbered as they stand in the drop, the rejected ones included: ``rows`` and the
    rejections together are all rows seen. A drop that is cut off or damaged has at least one
    rejection that says so. Lines and offsets count within a zip's member. Memory is bounded by
    the largest row and by what is rejected.

    Raises:
        DropUnreadable: a member of a zip is not readable as events.
        DropTooLarge: it is beyond one of the limits.
        DropMissing, DropDamaged: the file is gone, or the disk does not give it.
    """
    fields = Fields(most=limits.max_fields)
    rejections: list[Rejection] = []
    number = longest = 0
    with unpacked(path, max_bytes=limits.max_file_bytes) as parts, target.open("wb") as file:
        for part in parts:
            for extent, texts in _rows(part, content, fields, limits.max_row_bytes):
                number += 1
                if extent.problem:
                    rejections.append(_rejection(number, extent, part.name))
                    continue
                line = f"{number},{_joined(texts)}\n".encode()
                longest = max(longest, len(line))
                file.write(line)
    return Salvage(
        path=target,
        fields=tuple(fields.names),
        rows=number - len(rejections),
        longest=longest,
        rejections=tuple(rejections),
    )


def _rows(
    part: Part, content: Content, fields: Fields, max_row_bytes: int
) -> Iterator[tuple[Extent, list[str]]]:
    """Yield the rows of a part, each text in the place of its field."""
    if part.compression == "zip":
        content = member_content(part, content)
    text = PartText(part, content)
    match content.format:
        case Format.EMPTY:
            fields.columns(content.header)
        case Format.CSV:
            header, rows = delimited.table(text, content.delimiter, max_row_bytes=max_row_bytes)
            columns = fields.columns(header)
            in_order = columns == list(range(len(columns)))
            for extent, cells in rows:
                row = cells if in_order or not cells else _placed(cells, columns)
                yield extent, _without_nulls(row) if _NULL in extent.raw else row
        case Format.NDJSON | Format.JSON_ARRAY | Format.JSON_OBJECT:
            for extent, members in json_records.records(
                text, content.format, max_row_bytes=max_row_bytes
            ):
                yield extent, [] if extent.problem else fields.row(members)


def _placed(cells: list[str], columns: list[int]) -> list[str]:
    placed = [""] * (max(columns) + 1)
    for column, cell in zip(columns, cells, strict=True):
        placed[column] = cell
    return placed


def _without_nulls(cells: list[str]) -> list[str]:
    """Return cells without what databases export for NULL."""
    null = _NULL.decode()
    return ["" if cell == null else cell for cell in cells]


def _joined(texts: list[str]) -> str:
    """Return a line of cells, those in quotes that need it: few rows have any."""
    line = ",".join(texts)
    if line.count(",") < len(texts) and not _BREAKS_LINES.search(line):
        return line
    return ",".join([_quoted(text) if _NEEDS_QUOTES.search(text) else text for text in texts])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _rejection(number: int, extent: Extent, member: str) -> Rejection:
    message = f"{member}: {extent.problem}" if member else f"{extent.problem}"
    if len(extent.raw) > KEPT_BYTES:
        message += f"; its first {KEPT_BYTES} of {len(extent.raw)} bytes are kept"
    return Rejection(
        row=number,
        line=extent.line,
        offset=extent.offset,
        reason=extent.reason,
        field=None,
        message=message,
        raw=extent.raw[:KEPT_BYTES].decode("utf-8", "backslashreplace"),
    )
