"""Rows to the bytes of a drop; and rows that are broken on purpose."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from enum import StrEnum
from random import Random
from typing import assert_never

from firehose_loader.sample.options import SampleCompression, SampleFormat
from firehose_loader.sample.values import Value

_NOT_UTF8 = "\udcff"
"""Becomes the byte 0xFF."""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class BadRow(StrEnum):
    """What can be wrong with a row; each costs exactly one row."""

    EVENT_DATE = "event_date"
    """In any format: the time of the event is none."""
    MISSING_CELL = "missing_cell"
    EXTRA_CELL = "extra_cell"
    UNCLOSED_QUOTE = "unclosed_quote"
    NOT_UTF8 = "not_utf8"
    MISSING_VALUE = "missing_value"
    """JSON: a name without a value."""
    CUT_STRING = "cut_string"
    """JSON: ends within a string."""
    CUT_OBJECT = "cut_object"
    """JSON: ends without its brace."""


BAD_CSV = (
    BadRow.MISSING_CELL,
    BadRow.EVENT_DATE,
    BadRow.UNCLOSED_QUOTE,
    BadRow.EXTRA_CELL,
    BadRow.NOT_UTF8,
)
BAD_JSON = (BadRow.MISSING_VALUE, BadRow.EVENT_DATE, BadRow.CUT_STRING, BadRow.CUT_OBJECT)


class _Lines(list[str]):
    """What ``csv`` writes to: it writes one row at a time."""

    write = list[str].append


def csv_rows(rows: Iterable[Sequence[Value]]) -> list[str]:
    """Return rows as CSV, each with its line end."""
    lines = _Lines()
    csv.writer(lines, lineterminator="\n").writerows([_cell(v) for v in row] for row in rows)
    return lines


def json_rows(names: Sequence[str], rows: Iterable[Sequence[Value]], *, nulls: bool) -> list[str]:
    """Return rows as JSON objects; without ``nulls``, absent values are left out."""
    objects = (zip(names, row, strict=True) for row in rows)
    if nulls:
        return [_encode(dict(pairs)) for pairs in objects]
    return [_encode({name: v for name, v in pairs if v is not None}) for pairs in objects]


def bad_csv_row(kind: BadRow, row: Sequence[Value], random: Random) -> str:
    """Return one line that is no row of its drop, with its line end.

    It holds no line break, so that a reader which gives up on the row and goes on at the next line
    loses nothing else. ``EVENT_DATE`` must be in the row already.
    """
    cells = [_cell(value).replace("\n", " ") for value in row]
    filled = [place for place, cell in enumerate(cells) if cell[:1].isalnum()]
    chosen = random.choice(filled)
    match kind:
        case BadRow.MISSING_CELL if len(cells) > 1 and any(cells[:-1]):
            del cells[-1]
        case BadRow.MISSING_CELL | BadRow.EXTRA_CELL:
            cells.append("surplus")
        case BadRow.NOT_UTF8:
            cells[chosen] += _NOT_UTF8
        case BadRow.UNCLOSED_QUOTE:
            cells = [cell.replace('"', "'").replace(",", " ") for cell in cells]
            cells[chosen] = '"' + cells[chosen]
            return ",".join(cells) + "\n"
        case _:
            pass
    return csv_rows([cells])[0]


def bad_json_row(kind: BadRow, names: Sequence[str], row: Sequence[Value], random: Random) -> str:
    """Return one line that is no JSON object; ``EVENT_DATE`` must be in the row already."""
    members = [
        (_encode(name), _encode(value))
        for name, value in zip(names, row, strict=True)
        if value is not None
    ]
    chosen = random.randrange(len(members))
    name, value = members[chosen]
    match kind:
        case BadRow.MISSING_VALUE:
            members[chosen] = (name, "")
        case BadRow.CUT_STRING:
            head = "".join(f"{n}:{v}," for n, v in members[:chosen])
            cut = f"{name}:{_half(value)}" if value.startswith('"') else _half(name)
            return "{" + head + cut
        case _:
            pass
    text = "{" + ",".join(f"{n}:{v}" for n, v in members)
    return text if kind is BadRow.CUT_OBJECT else text + "}"


def mixed_in(good: Sequence[str], bad: Sequence[str], random: Random) -> list[str]:
    """Put the bad rows among the good ones; never first, for that row tells a drop's format."""
    if not bad:
        return list(good)
    rows = len(good) + len(bad)
    places = set(random.sample(range(1, rows), len(bad)))
    rest, faulty = iter(good), iter(bad)
    return [next(faulty) if place in places else next(rest) for place in range(rows)]


def framed(kind: SampleFormat, names: Sequence[str], rows: Sequence[str], *, lines: bool) -> bytes:
    """Return rows as the content of a drop; a JSON array stands in one line unless ``lines``."""
    match kind:
        case SampleFormat.CSV:
            text = "".join([*csv_rows([names]), *rows])
        case SampleFormat.NDJSON:
            text = "".join(f"{row}\n" for row in rows)
        case SampleFormat.JSON if lines and rows:
            text = "[\n" + ",\n".join(rows) + "\n]\n"
        case SampleFormat.JSON:
            text = "[" + ",".join(rows) + "]"
        case SampleFormat.MIXED:
            raise ValueError("a drop has one format")
        case _:
            assert_never(kind)
    return text.encode("utf-8", "surrogateescape")


def packed(kind: SampleCompression, content: bytes, member: str) -> bytes:
    """Return the content compressed, the same bytes at any time.

    Args:
        kind: how.
        content: what.
        member: its name in an archive.
    """
    match kind:
        case SampleCompression.NONE:
            return content
        case SampleCompression.GZIP:
            return gzip.compress(content, 6, mtime=0)
        case SampleCompression.ZSTD:
            import zstandard

            return zstandard.ZstdCompressor(level=3).compress(content)
        case SampleCompression.ZIP:
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
                info = zipfile.ZipInfo(member)  # its time is 1980-01-01 and not now
                info.compress_type = zipfile.ZIP_DEFLATED
                written.writestr(info, content)
            return archive.getvalue()
        case SampleCompression.MIXED:
            raise ValueError("a drop is packed in one way")
        case _:
            assert_never(kind)


def _cell(value: Value) -> str:
    """Return a value as CSV has it: null as nothing, lists and objects as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return _encode(value)
    return str(value)


def _half(text: str) -> str:
    """Return the first half of an encoded string, its opening quote included."""
    return text[: 1 + (len(text) - 2) // 2]
