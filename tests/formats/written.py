"""Rows written in every way that a drop may be written, for the property tests."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import zstandard
from hypothesis import strategies as st

from tests.formats.outcomes import zipped

NAMES = ("alpha", "beta", "gamma", "delta")
Values = Mapping[str, str | int | bool | None]

texts = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from('""\',;\t|\r\n {}[]\\:\0\ufeff\u2028'),
    ),
    max_size=8,
)
tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(texts, min_size=width, max_size=width), max_size=6)
)
values = st.one_of(texts, st.integers(-(10**25), 10**25), st.booleans(), st.none())
objects = st.lists(st.dictionaries(st.sampled_from(NAMES), values, min_size=1), max_size=6)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV text is written."""

    delimiter: str
    line_end: str
    all_quoted: bool
    last_line_ended: bool

    def write(self, rows: Sequence[Sequence[str]]) -> tuple[str, list[int]]:
        """Return the text under a header, and where each row ends, its line end included."""
        width = len(rows[0]) if rows else 2
        text = self.delimiter.join(NAMES[:width]) + self.line_end
        ends = []
        for row in rows:
            text += self.delimiter.join(self._cell(cell) for cell in row) + self.line_end
            ends.append(len(text.encode()))
        if rows and not self.last_line_ended:
            text = text.removesuffix(self.line_end)
        return text, ends

    def _cell(self, cell: str) -> str:
        if self.all_quoted or set(cell) & {self.delimiter, '"', "\r", "\n", "\ufeff"}:
            return '"' + cell.replace('"', '""') + '"'
        return cell


dialects = st.builds(
    Dialect,
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    all_quoted=st.booleans(),
    last_line_ended=st.booleans(),
)


def text_of(value: str | int | bool | None) -> str:  # noqa: FBT001 - as JSON has it
    """Return the text that a row shows of a JSON value."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def on_lines(rows: Sequence[Values]) -> str:
    """Write objects on lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def in_array(rows: Sequence[Values]) -> str:
    """Write objects in an array on one line."""
    return json.dumps(rows, separators=(",", ":"))


def in_printed_array(rows: Sequence[Values]) -> str:
    """Write objects in an array over many lines."""
    return json.dumps(rows, indent=2)


def one_after_another(rows: Sequence[Values]) -> str:
    """Write objects over many lines each."""
    return "".join(json.dumps(row, indent=1) + "\r\n" for row in rows)


def in_wrapper(rows: Sequence[Values]) -> str:
    """Write objects in a wrapper."""
    return json.dumps({"total": len(rows), "Events": rows, "next": None})


def in_printed_wrapper(rows: Sequence[Values]) -> str:
    """Write objects in a wrapper over many lines."""
    return json.dumps({"data": rows, "meta": {"page": [1, {}]}}, indent=1)


json_writers = st.sampled_from(
    [on_lines, in_array, in_printed_array, one_after_another, in_wrapper, in_printed_wrapper]
)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
packers = st.sampled_from(
    [
        bytes,
        gzip.compress,
        zstandard.compress,
        lambda data: zipped({"drop": data}),
        lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:]),
    ]
)
