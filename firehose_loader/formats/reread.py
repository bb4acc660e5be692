"""Read rows again from the text that was kept of each, when their drop may be gone."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from firehose_loader.formats import delimited
from firehose_loader.formats.clean import CleanRows, without_nulls
from firehose_loader.formats.fields import Fields
from firehose_loader.formats.json_texts import Members, parse_object
from firehose_loader.formats.wrapper import with_envelope
from firehose_loader.model import Salvage


class RowText(NamedTuple):
    """One row as it was kept."""

    row: int
    """Its number in the drop, which it keeps."""
    raw: str
    context: str
    """What ``locate`` told beside the text."""


def csv_context(delimiter: str, names: Sequence[str]) -> str:
    """Return what it takes to read a row of a CSV file by itself."""
    return json.dumps({"delimiter": delimiter, "header": list(names)}, ensure_ascii=False)


def json_context(raw: bytes, members: Members) -> str:
    """Return what a wrapper says of an event beyond the event's own text."""
    own = parse_object(raw) if members else {}
    around = {name: value.decode() for name, value in members.items() if name not in own}
    return json.dumps({"envelope": around}, ensure_ascii=False)


def header_of(context: str) -> tuple[str, ...]:
    """Return the names in a CSV header; none where the row was JSON."""
    return tuple(json.loads(context).get("header", ()))


def cells_of(raw: str, context: str) -> list[tuple[str, str]]:
    """Return the cells of a CSV row with the names of their fields; none where it was JSON.

    Cells beyond the header have no name.
    """
    match json.loads(context):
        case {"delimiter": str(delimiter), "header": list(header)}:
            cells = delimited.cells(raw.encode(), delimiter)
            names = [*header, *[""] * len(cells)]
            return list(zip(names, cells, strict=False))
        case _:
            return []


def line_of(texts: Sequence[str], context: str) -> str:
    """Return a row of these cells, spelled as the row that ``context`` is of; JSON is one text."""
    match json.loads(context):
        case {"delimiter": str(delimiter)}:
            line = io.StringIO()
            csv.writer(line, delimiter=delimiter, lineterminator="").writerow(texts)
            return line.getvalue()
        case _:
            return texts[0]


def reread(rows: Iterable[RowText], target: Path) -> Salvage:
    """Write rows to ``target`` as the strict parser writes those that it saves of a drop.

    Only texts that were read before come here, so none is refused.
    """
    fields = Fields(most=sys.maxsize)  # the drop they come from was within its limits
    with target.open("wb") as file:
        clean = CleanRows(file)
        for row, raw, context in rows:
            clean.add(row, _texts(raw.encode(), json.loads(context), fields))
    return clean.salvage(target, fields, ())


def _texts(raw: bytes, context: dict[str, object], fields: Fields) -> list[str]:
    match context:
        case {"delimiter": str(delimiter), "header": list(header)}:
            cells = delimited.cells(raw, delimiter)[: len(header)]
            return fields.cells(fields.columns(header), without_nulls(cells))
        case {"envelope": dict(around)}:
            envelope = {str(name): str(value).encode() for name, value in around.items()}
            return fields.row(with_envelope(parse_object(raw), envelope))
        case _:
            raise ValueError(f"no context of a row: {context}")
