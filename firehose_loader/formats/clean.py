"""The clean file that good rows are written to, for the engine to read without a doubt."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from firehose_loader.formats.fields import Fields
from firehose_loader.model import Rejection, Salvage

_BREAKS_LINES = re.compile(r'["\r\n]')
_NEEDS_QUOTES = re.compile(r'[",\r\n]')
NULL = r"\N"
"""What databases export for NULL."""


class CleanRows:
    """Writes rows in the form that ``Salvage`` describes, and counts them."""

    def __init__(self, file: BinaryIO, take: Callable[[int], None] = lambda _: None) -> None:
        """Take where rows go, and who is told how many bytes do."""
        self.rows = 0
        self._take = take
        self._longest = 0
        self._file = file

    def add(self, number: int, texts: list[str]) -> None:
        """Write one row: its number and a text for each field, in the fields' order."""
        line = f"{number},{_joined(texts)}\n".encode()
        self._longest = max(self._longest, len(line))
        self._take(len(line))
        self._file.write(line)
        self.rows += 1

    def salvage(self, path: Path, fields: Fields, rejections: Sequence[Rejection]) -> Salvage:
        """Return what was written, and what was not."""
        return Salvage(
            path=path,
            fields=tuple(fields.names),
            rows=self.rows,
            longest=self._longest,
            rejections=tuple(rejections),
        )


def without_nulls(cells: list[str]) -> list[str]:
    """Return cells without what databases export for NULL."""
    return ["" if cell == NULL else cell for cell in cells]


def _joined(texts: list[str]) -> str:
    """Return a line of cells, those in quotes that need it: few rows have any."""
    line = ",".join(texts)
    if line.count(",") < len(texts) and not _BREAKS_LINES.search(line):
        return line
    return ",".join([_quoted(text) if _NEEDS_QUOTES.search(text) else text for text in texts])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
