"""Reads what a sample wrote with the standard library alone, row by row and strictly."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import zstandard

from firehose_loader.sample.options import SampleOptions, SampleReport
from firehose_loader.sample.write import write_sample
from firehose_loader.schema.catalog import Catalog
from firehose_loader.schema.names import fold

EVERYTHING = SampleOptions(
    events=1500, drops=60, seed=3, duplicates=0.1, bad=0.05, late=0.1, drift=True
)
"""A small sample with all that can be asked for."""
_TIMES = ("eventdate", "happened", "day")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDrop:
    """One file of a sample."""

    path: str
    """Below the sample's folder."""
    modified: float
    content: bytes
    """Unpacked."""
    names: tuple[str, ...]
    """As written: of a CSV header, or of the first object."""
    rows: tuple[Mapping[str, Any] | None, ...]
    """Values by folded name; None for a row that cannot be loaded. CSV's empty cells are None."""
    event_type: str | None
    """What folder or file name tell."""

    @property
    def events(self) -> list[Mapping[str, Any]]:
        """The good rows."""
        return [row for row in self.rows if row is not None]


def sample(
    folder: Path, options: SampleOptions, catalog: Catalog
) -> tuple[SampleReport, list[ReadDrop]]:
    """Write a sample; return what was told, and what is there."""
    report = write_sample(folder, options, catalog=catalog)
    return report, read_sample(folder, catalog)


def events(drops: list[ReadDrop]) -> list[Mapping[str, Any]]:
    """Return the good rows of all drops."""
    return [event for drop in drops for event in drop.events]


def read_sample(folder: Path, catalog: Catalog) -> list[ReadDrop]:
    """Read all drops, oldest first."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    drops = [_read(path, path.relative_to(folder).as_posix(), catalog) for path in paths]
    return sorted(drops, key=lambda drop: (drop.modified, drop.path))


def unpacked(path: Path) -> bytes:
    """Return a file's content, by what its name says of the compression."""
    packed = path.read_bytes()
    match path.suffix:
        case ".gz":
            return gzip.decompress(packed)
        case ".zst":
            return zstandard.ZstdDecompressor().decompress(packed)
        case ".zip":
            with zipfile.ZipFile(io.BytesIO(packed)) as archive:
                (name,) = archive.namelist()
                assert f"{name}.zip" == path.name
                return archive.read(name)
        case _:
            return packed


def _read(path: Path, key: str, catalog: Catalog) -> ReadDrop:
    content = unpacked(path)
    text = content.decode("utf-8", "surrogateescape")
    rows: list[Mapping[str, Any] | None]
    if ".csv" in path.name:
        names, rows = _csv(text)
    else:
        objects = list(_objects(text))
        names = tuple(objects[0]) if objects and objects[0] else ()
        rows = [one and {fold(name): value for name, value in one.items()} for one in objects]
    folders = [catalog.resolve_type(folder) for folder in key.split("/")[:-1]]
    return ReadDrop(
        path=key,
        modified=path.stat().st_mtime,
        content=content,
        names=names,
        rows=tuple(row if row and _is_dated(row) else None for row in rows),
        event_type=next(filter(None, folders), None) or catalog.find_type(path.name),
    )


def _csv(text: str) -> tuple[tuple[str, ...], list[Mapping[str, Any] | None]]:
    lines = text.splitlines(keepends=True)
    names = tuple(next(csv.reader(lines)))
    rows: list[Mapping[str, Any] | None] = []
    at = 1
    while at < len(lines):
        reader = csv.reader((lines[n] for n in range(at, len(lines))), strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            rows.append(None)  # this line alone: whatever the open quote swallowed counts again
            at += 1
            continue
        at += reader.line_num
        good = len(cells) == len(names) and not _has_stray_bytes("".join(cells))
        values = [cell or None for cell in cells]
        rows.append(dict(zip(map(fold, names), values, strict=True)) if good else None)
    return names, rows


def _objects(text: str) -> Iterator[dict[str, Any] | None]:
    """Yield the objects of an array or of lines, None for one that is broken."""
    try:
        found = json.loads(text)
    except ValueError:
        for line in text.splitlines():
            if line not in {"[", "]"}:
                try:
                    yield json.loads(line.removesuffix(","))
                except ValueError:
                    yield None
    else:
        yield from found if isinstance(found, list) else [found]


def _is_dated(row: Mapping[str, Any]) -> bool:
    try:
        return all(datetime.fromisoformat(row[name]) for name in _TIMES if name in row)
    except ValueError:
        return False


def _has_stray_bytes(text: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in text)
