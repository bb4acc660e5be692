"""The strict parser's whole pass over one drop: good rows into a clean file, the rest told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from firehose_loader.budget import UNBOUNDED, Budget
from firehose_loader.errors import DropTooLarge
from firehose_loader.formats import delimited, json_records
from firehose_loader.formats.clean import NULL, CleanRows, without_nulls
from firehose_loader.formats.fields import Fields
from firehose_loader.formats.json_texts import TOO_DEEP, depth
from firehose_loader.formats.recognise import member_content
from firehose_loader.formats.text import KEPT_BYTES, Extent, PartText
from firehose_loader.formats.unpack import Part, unpacked
from firehose_loader.model import Content, Format, Limits, Reason, Rejection, Salvage

_ROWS_BETWEEN = 1000
"""So many rows are read before somebody is asked whether to go on."""


def salvage(  # noqa: PLR0913 - the limits, and who is asked on the way
    path: Path,
    content: Content,
    target: Path,
    limits: Limits,
    budget: Budget = UNBOUNDED,
    *,
    go_on: Callable[[], None] = lambda: None,
    take: Callable[[int], None] = lambda _: None,
) -> Salvage:
    """Write a drop's good rows to ``target``, and tell all others with their place and reason.

    Rows are numbered as they stand in the drop, the rejected ones included: ``rows`` and the
    rejections together are all rows seen. A drop that is cut off or damaged has at least one
    rejection that says so. Lines and offsets count within a zip's member. Memory is bounded by
    the largest row and by what is rejected.

    ``go_on`` is called every now and then, ``take`` with the bytes of each row that is written;
    both may raise to end it.

    Raises:
        DropUnreadable: a member of a zip is not readable as events.
        DropTooLarge: it is beyond one of the limits.
        DropTooBad: more bad rows than ``budget`` allows; the rest is not read then.
        DropMissing, DropDamaged: the file is gone, or the disk does not give it.
    """
    fields = Fields(most=limits.max_fields)
    rejections: list[Rejection] = []
    number = 0
    most, packing = limits.max_file_bytes, limits.packing
    with unpacked(path, max_bytes=most, packing=packing) as parts, target.open("wb") as file:
        clean = CleanRows(file, take)
        for part in parts:
            for extent, texts in _rows(part, content, fields, limits):
                number += 1
                if number > limits.max_rows:
                    raise too_many_rows(limits.max_rows)
                if not number % _ROWS_BETWEEN:
                    go_on()
                if extent.problem:
                    rejections.append(_rejection(number, extent, part.name))
                    budget.check(len(rejections), of=number)
                else:
                    clean.add(number, texts)
    budget.check(len(rejections), of=number, at_end=True)
    return clean.salvage(target, fields, rejections)


def _rows(
    part: Part, content: Content, fields: Fields, limits: Limits
) -> Iterator[tuple[Extent, list[str]]]:
    """Yield the rows of a part, each text in the place of its field."""
    if part.compression == "zip":
        content = member_content(part, content)
    text = PartText(part, content)
    match content.format:
        case Format.EMPTY:
            fields.columns(content.header)
        case Format.CSV:
            most = limits.max_row_bytes
            header, rows = delimited.table(text, content.delimiter, max_row_bytes=most)
            columns = fields.columns(header)
            for extent, cells in rows:
                row = without_nulls(cells) if NULL.encode() in extent.raw else cells
                yield extent, fields.cells(columns, row) if row else row
        case Format.NDJSON | Format.JSON_ARRAY | Format.JSON_OBJECT:
            for extent, members in json_records.records(
                text, content.format, max_row_bytes=limits.max_row_bytes
            ):
                sound = not extent.problem or extent.problem == TOO_DEEP
                if sound and depth(extent.raw) > limits.max_depth:
                    yield _too_deep(extent, limits.max_depth), []
                else:
                    yield extent, [] if extent.problem else fields.row(members)


def _too_deep(extent: Extent, most: int) -> Extent:
    problem = f"{TOO_DEEP}: more than max_depth ({most}) allows"
    return extent._replace(problem=problem, reason=Reason.TOO_LARGE)


def too_many_rows(most: int) -> DropTooLarge:
    """Return the error of a drop with more rows than it may have."""
    return DropTooLarge(
        f"it has more than max_rows = {most} rows; raise that limit to have it loaded"
    )


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
