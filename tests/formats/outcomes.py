"""What the three functions of ``formats`` make of some bytes, in one value."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from firehose_loader.formats import recognise, salvage, settled
from firehose_loader.model import Content, Format, Limits, Rejection

MAX_BYTES = 2**30
MAX_ROW_BYTES = 2**20
LIMITS = Limits(max_file_bytes=MAX_BYTES, max_row_bytes=MAX_ROW_BYTES, max_fields=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A drop as the strict parser left it."""

    content: Content
    fields: tuple[str, ...]
    rows: dict[int, list[str]]
    """Texts by row number, with an empty one for each missing field."""
    rejections: tuple[Rejection, ...]

    @property
    def rejected(self) -> list[tuple[int | None, int | None, str]]:
        """Row, line and reason of each rejection."""
        return [(one.row, one.line, one.reason) for one in self.rejections]

    @property
    def records(self) -> list[dict[str, str]]:
        """The rows as mappings of what they hold."""
        return [
            {name: text for name, text in zip(self.fields, row, strict=True) if text}
            for row in self.rows.values()
        ]


def outcome(folder: Path, data: bytes, *, max_row_bytes: int = MAX_ROW_BYTES) -> Outcome:
    """Recognise and salvage some bytes, and check what holds of every salvage."""
    path, target = folder / "drop", folder / "clean.csv"
    path.write_bytes(data)
    content = settled(path, recognise(path, max_bytes=MAX_BYTES), max_bytes=MAX_BYTES)
    saved = salvage(path, content, target, replace(LIMITS, max_row_bytes=max_row_bytes))
    clean = target.read_bytes().decode("utf-8")
    rows = {}
    for number, *texts in csv.reader(io.StringIO(clean, newline="")):
        # A row without any value is its number and one empty cell.
        cells = [] if texts == [""] else texts
        rows[int(number)] = cells + [""] * (len(saved.fields) - len(cells))
    numbers = sorted([*rows, *(one.row or 0 for one in saved.rejections)])
    assert numbers == list(range(1, len(numbers) + 1)), "each row seen is a row or a rejection"
    assert len(rows) == saved.rows
    assert path.read_bytes() == data, "the drop itself is never written to"
    return Outcome(content=content, fields=saved.fields, rows=rows, rejections=saved.rejections)


def is_json(content: Content) -> bool:
    """Tell whether a drop is one of the shapes of JSON."""
    return content.format in {Format.NDJSON, Format.JSON_ARRAY, Format.JSON_OBJECT}


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip with members in the order given; the same bytes whenever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return buffer.getvalue()
