"""What a CSV text's first record tells: the delimiter, the header, and whether it is CSV at all."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from firehose_loader.errors import DropUnreadable
from firehose_loader.formats.delimited import cells, extents, names
from firehose_loader.formats.text import Sample
from firehose_loader.formats.unpack import HEAD_BYTES
from firehose_loader.model import Content, Format

DELIMITERS = ",;\t|"
_RECORDS = 20
_ROW_BYTES = 2**20
_LINE_END = re.compile(rb"[\r\n]")
_CONTROLS = bytes(set(range(32)) - set(b"\t\r\n\f")) + b"\x7f"
_QUOTED = re.compile(rb'"[^"]*+"?')
_DATA = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"
    r"|[^@\s]+@[^@\s]+\.[^@\s]+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
FOREIGN = {
    b"%PDF": "a PDF document",
    b"PAR1": "a Parquet file",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"SQLite format 3\0": "an SQLite database",
    b"\x89PNG": "a PNG image",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ\0": "compressed with xz",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"\x1f\x8b": "compressed twice",
    b"\x28\xb5\x2f\xfd": "compressed twice",
    b"PK\x03\x04": "compressed twice",
    b"<": "XML or HTML",
}
_ODD_SHARE = 0.1
"""Share of bytes that no text has, from which on a sample is taken to be binary."""


def csv_content(sample: Sample) -> Content | None:
    """Return what a text is that is no JSON; None if more of it must be seen.

    Raises:
        DropUnreadable: it is no text, or has no readable header line.
    """
    body = sample.data.lstrip(b" \r\n")
    line = _LINE_END.split(body, 1)[0]
    _refuse_foreign(body, line)
    delimiter = _delimiter(sample, line)
    first = next(extents(sample.text(), delimiter, max_row_bytes=len(sample.data)), None)
    if first is None:  # a second byte order mark, or one behind blank lines, and nothing else
        return Content(format=Format.EMPTY) if sample.whole else None
    begin = first.offset - sample.start
    rest = sample.data[begin + len(first.raw) :]
    if (first.problem or not rest) and not (sample.whole or sample.final):
        return None
    if first.problem or not (rest or sample.whole):
        raise DropUnreadable(
            f"it has no readable header line: {first.problem or 'the first line does not end'};"
            " correct the file and send it again"
        )
    header = _header(first.raw, delimiter)
    empty = sample.whole and not rest.strip(b" \r\n")
    # The engine's reader takes blank lines for a header, and for rows where there is one column.
    regular = begin == 0 and len(header) > 1 and len(first.raw) < HEAD_BYTES
    return Content(
        format=Format.EMPTY if empty else Format.CSV,
        delimiter=delimiter,
        header=header,
        fast=regular and _is_plain(first.raw) and not _mixed_ends(sample.data),
    )


@lru_cache(maxsize=64)
def _header(raw: bytes, delimiter: str) -> tuple[str, ...]:
    """Return the names of a header, which mostly all drops of a batch have; raise if it is none."""
    header = names(raw, delimiter)
    _refuse_data(header)
    return tuple(header)


def _refuse_foreign(body: bytes, line: bytes) -> None:
    kinds = [kind for magic, kind in FOREIGN.items() if body.startswith(magic)]
    if not kinds and _odd_bytes(line) and _is_binary(body[:4096]):
        kinds = ["no text in UTF-8 or UTF-16"]
    if kinds:
        raise DropUnreadable(
            f"it is {kinds[0]}; drops are CSV or JSON, plain or in gzip, zip or zstd:"
            " look at what wrote it, or exclude such files"
        )


def _odd_bytes(data: bytes) -> int:
    """Count control characters and bytes that are no UTF-8."""
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if data.isascii():
        return controls
    text = data.decode("utf-8", "surrogateescape")
    return controls + sum("\udc80" <= char <= "\udcff" for char in text)


def _is_binary(data: bytes) -> bool:
    return _odd_bytes(data) > max(3, len(data) * _ODD_SHARE)


def _delimiter(sample: Sample, line: bytes) -> str:
    """Return the delimiter that gives the most cells to records that agree with the header."""
    candidates = [mark for mark in DELIMITERS if mark.encode() in line]
    if line.count(b'"') % 2:  # the header goes on in the next line
        candidates += [mark for mark in DELIMITERS if mark not in candidates]
    elif len(candidates) < 2:  # noqa: PLR2004
        return candidates[0] if candidates else ","

    def agreeing_cells(mark: str) -> int:
        records = list(islice(extents(sample.text(), mark, max_row_bytes=_ROW_BYTES), _RECORDS))
        if not records or records[0].problem:
            return 0
        width = len(names(records[0].raw, mark))
        sound = (record.raw for record in records if not record.problem)
        agreeing = [raw for raw in sound if _width(raw, mark) == width]
        return width * len(agreeing) if width > 1 else 0

    return max(candidates, key=agreeing_cells)


def _width(raw: bytes, delimiter: str) -> int:
    return len(cells(raw.decode("utf-8", "replace").encode("utf-8"), delimiter))


def _refuse_data(header: list[str]) -> None:
    data = [name for name in header if _DATA.fullmatch(name)]
    filled = [name for name in header if name]
    if not data and filled and all(_NUMBER.fullmatch(name) for name in filled):
        data = filled
    if data:
        raise DropUnreadable(
            f"it has no header line: {data[0]!r} in its first line is a value and not a name;"
            " switch headers on where the drop is written, or put one in front and send it again"
        )


@lru_cache(maxsize=64)
def _is_plain(header: bytes) -> bool:
    return b"\n" not in header and b"\r" not in header and not _odd_bytes(header)


def _mixed_ends(data: bytes) -> bool:
    """Tell whether lines end in more than one way, which the engine's reader does not take."""
    if b"\r" not in data:
        return False
    bare = _QUOTED.sub(b"", data).removesuffix(b"\r")
    both, carriage, feed = bare.count(b"\r\n"), bare.count(b"\r"), bare.count(b"\n")
    return not (carriage == 0 or feed == 0 or both == carriage == feed)
