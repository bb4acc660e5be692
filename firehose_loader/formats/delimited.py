"""CSV: records with their places, and their cells.

The grammar is RFC 4180 with what the engine's own reader takes too, so that a row's fate does not
depend on its neighbours: a quote inside an unquoted cell is text, one space may stand before an
opening quote and any number behind a closing one, and quoted pieces with spaces between them are
one cell.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from itertools import chain

from msgspec import Struct

from firehose_loader.formats.clean import without_nulls
from firehose_loader.formats.possessive import repeated
from firehose_loader.formats.text import MARK, Extent, Line, Text, lines, too_large

_INNER_QUOTES = re.compile('"( *)"')
_LOOK_AHEAD_LINES = 10_000
_PATIENCE_LINES = 100_000
"""What may be read in vain, over a whole part, in search of closing quotes; after that only
``_IMPATIENT_LINES`` for each, so that many open quotes do not cost quadratic time."""
_IMPATIENT_LINES = 100


def extents(text: Text, delimiter: str, *, max_row_bytes: int) -> Iterator[Extent]:
    """Yield each record's place and bytes, the header's first. Blank lines are no records.

    A record that is not closed, or has text behind a closing quote, is taken to be its first
    physical line alone, with a problem; the next record begins on the next line. Where the drop
    is damaged, the last extent says so: the row that was cut off, or one without text.
    """
    feed = _Feed(lines(text, start=text.start, longest=max_row_bytes))
    grammar = _grammar(delimiter)
    told = False
    line = None
    for line in map(_without_mark, feed):
        if not line.text.strip(b" \r\n"):
            continue
        if line.size > max_row_bytes:
            extent = Extent(line.number, line.offset, line.text)
            yield too_large(extent, line.size, max_row_bytes)
            continue
        record, problem = line, None
        if b'"' in line.text:
            record, problem = _quoted(line, feed, grammar, max_row_bytes)
        if not record.ended and text.damage:
            told, problem = True, f"the row is cut off: {text.damage}"
        yield Extent(record.number, record.offset, _without_end(record.text), problem)
    if text.damage and not told:
        number, offset = (line.number, line.offset + line.size) if line else (1, text.start)
        yield Extent(number, offset, b"", text.damage)


def cells(raw: bytes, delimiter: str) -> list[str]:
    """Return the texts of a record that ``extents`` found sound; ValueError if it is not UTF-8."""
    text = raw.decode("utf-8")
    if '"' not in text:
        return text.split(delimiter)
    found = _grammar(delimiter).cell.findall(text)
    return [_unquoted(quoted) if quoted else plain for quoted, plain in found]


def table(
    text: Text, delimiter: str, *, max_row_bytes: int
) -> tuple[list[str], Iterator[tuple[Extent, list[str]]]]:
    """Return the header's names and the rows behind it: as many cells, or a problem."""
    records = extents(text, delimiter, max_row_bytes=max_row_bytes)
    first = next(records, Extent(1, 0, b""))
    if first.problem:
        return [], ((record, []) for record in chain([first], records))
    header = names(first.raw, delimiter)
    return header, (_row(record, delimiter, header) for record in records)


def names(raw: bytes, delimiter: str) -> list[str]:
    """Return the names that a header record gives, stripped; bytes that are no UTF-8 escaped."""
    readable = raw.decode("utf-8", "backslashreplace").encode("utf-8")
    return [name.strip() for name in cells(readable, delimiter)]


def _unquoted(text: str) -> str:
    """Return what stands between a cell's outer quotes, without the inner ones."""
    return _INNER_QUOTES.sub(lambda match: match[1] or '"', text) if '"' in text else text


def _row(record: Extent, delimiter: str, header: list[str]) -> tuple[Extent, list[str]]:
    if record.problem:
        return record, []
    width = len(header)
    try:
        row = cells(record.raw, delimiter)
    except UnicodeDecodeError as error:
        problem = f"byte {error.start + 1} of the row is not UTF-8 ({error.reason})"
        return record._replace(problem=problem), []
    # Delimiters too many at the end are harmless, and the engine's reader takes them as well.
    if len(row) < width or any(without_nulls(row[width:])):
        problem = f"expected {width} fields, found {len(row)}"
        return record._replace(problem=problem), []
    if [cell.strip() for cell in row[:width]] == header:
        return record._replace(problem="the header stands here again"), []
    return record, row[:width]


class _Feed(Iterator[Line]):
    """Lines that can be given back."""

    def __init__(self, source: Iterator[Line]) -> None:
        self.look_ahead = _LOOK_AHEAD_LINES
        self._patience_lines = _PATIENCE_LINES
        self._source = source
        self._returned: deque[Line] = deque()

    def __next__(self) -> Line:
        return self._returned.popleft() if self._returned else next(self._source)

    def put_back(self, taken: list[Line]) -> None:
        self._patience_lines -= len(taken)
        if self._patience_lines < 0:
            self.look_ahead = _IMPATIENT_LINES
        self._returned.extendleft(reversed(taken))


def _quoted(
    line: Line, feed: _Feed, grammar: _Grammar, max_row_bytes: int
) -> tuple[Line, str | None]:
    """Return the lines of the record that begins here as one, or this line and its problem."""
    if grammar.closed.match(line.text):
        return line, None
    if not grammar.open.match(line.text):
        return line, "text stands behind a closing quote"
    taken = [line]
    size = line.size
    for following in feed:
        taken.append(following)
        size += following.size
        if size > max_row_bytes or len(taken) > feed.look_ahead:
            break
        if grammar.closes.match(following.text):
            record = b"".join(part.text for part in taken)
            return line._replace(text=record, size=size, ended=following.ended), None
        if not grammar.goes_on.match(following.text):
            break
    feed.put_back(taken[1:])
    return line, "a quote opens in this row and is not closed as it should be"


def _without_mark(line: Line) -> Line:
    if not line.text.startswith(MARK):
        return line
    size = len(MARK)
    return line._replace(offset=line.offset + size, text=line.text[size:], size=line.size - size)


def _without_end(text: bytes) -> bytes:
    if text.endswith(b"\n"):
        text = text[:-1]
    return text[:-1] if text.endswith(b"\r") else text


class _Grammar(Struct, frozen=True, kw_only=True):
    """What a physical line can be; every pattern is possessive, so none can backtrack."""

    closed: re.Pattern[bytes]
    """A whole record."""
    open: re.Pattern[bytes]
    """The beginning of a record whose last cell has an open quote."""
    closes: re.Pattern[bytes]
    """Goes on within a quote, and ends the record."""
    goes_on: re.Pattern[bytes]
    """Goes on within a quote, and ends within one."""
    cell: re.Pattern[str]


@cache
def _grammar(delimiter: str) -> _Grammar:
    mark = re.escape(delimiter)
    inside = repeated('[^"]++', '""', '" ++"')
    plain = rf'(?! ?")[^{mark}\r\n]*+'
    cell = rf'(?: ?"{inside}" *+|{plain})'
    more = repeated(mark + cell)
    end = r"(?:\r\n|\r|\n)?\Z"

    def pattern(text: str) -> re.Pattern[bytes]:
        return re.compile(text.encode("ascii"))

    return _Grammar(
        closed=pattern(cell + more + end),
        open=pattern(rf'{repeated(cell + mark)} ?"{inside}\Z'),
        closes=pattern(rf'{inside}" *+{more}{end}'),
        goes_on=pattern(rf'{inside}(?:" *+{more}{mark} ?"{inside})?\Z'),
        cell=re.compile(rf'(?:\A|{mark})(?: ?"({inside})" *+|({plain}))'),
    )
