"""JSON rows with their places: objects on lines, in an array, one after another, or wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from firehose_loader.formats.json_texts import Members, glimpse, parse_object
from firehose_loader.formats.json_window import CutOff, Endless, Unclosed, Window
from firehose_loader.formats.possessive import STRING, repeated
from firehose_loader.formats.text import KEPT_BYTES, MARK, Extent, Text, lines, too_large
from firehose_loader.formats.wrapper import (
    WRAPPERS,
    envelope_of,
    is_event,
    is_wrapper,
    with_envelope,
)
from firehose_loader.model import Format

_PATIENCE_BYTES = 2**20
"""What may be read in vain, over a whole part, in search of the ends of damaged rows. After that a
row that seems to go on behind the next one is given up after ``_IMPATIENT_BYTES``, so that much
damage does not cost quadratic time."""
_IMPATIENT_BYTES = 2 * 2**10
_TOKEN_BYTES = 64 * 2**10
_STRING = re.compile(STRING.encode(), re.DOTALL)
_SCALAR = re.compile(rb'[^\s,:"{}\[\]]++')
_STRING_ON_A_LINE = '"' + repeated(r'[^"\\\r\n]++', r"\\.") + '"'
_JUNK = re.compile(rf'{_STRING_ON_A_LINE}|[^,"{{\[\]\r\n]{{1,65536}}+|.'.encode(), re.DOTALL)
_BETWEEN_ROWS = re.compile(b",|" + MARK)
_REST_OF_LINE = re.compile(rb"[^\r\n]{1,65536}+")
_FIRST_KEY = re.compile(rb'\{\s*+("(?:[^"\\]|\\.){0,200}")\s*+:', re.DOTALL)
_SEVERAL = re.compile(rb"\}[\s,]*+\{")
_ROW_ON_A_LINE = re.compile(rb"[\r\n]([ \t]*+,?+[ \t]*+)(\{)")

_Likeness = tuple[int, re.Pattern[bytes]]
"""The column a row begins in, and how one behind a comma begins."""
Row = tuple[Extent, Members]
"""A row's place and its members; none where the extent tells a problem."""


def records(text: Text, shape: Format, *, max_row_bytes: int) -> Iterator[Row]:
    """Yield the rows of a JSON text, and what is damaged as extents with a problem.

    After damage the next row is looked for where rows stand: on the next line, or behind a comma
    where an object begins as the damaged one did. Where the drop itself is cut off, the last
    extent says so: the row that was cut, or one without text.
    """
    if shape is Format.NDJSON:
        return _rows_on_lines(text, max_row_bytes)
    return _Objects(text, max_row_bytes, wrappers=shape is Format.JSON_OBJECT).rows()


def places(text: Text, shape: Format, *, max_row_bytes: int) -> Iterator[Extent]:
    """Yield where the rows stand that ``records`` gives, without reading them if that can be."""
    if shape is Format.NDJSON:
        for extent, _ended in _lines(text, max_row_bytes):
            suspect = not extent.problem and _SEVERAL.search(extent.raw)
            several = suspect and not _is_object(extent.raw) and _glued(extent)
            yield from (part for part, _ in several) if several else (extent,)
    else:
        for extent, _members in records(text, shape, max_row_bytes=max_row_bytes):
            yield extent


def _rows_on_lines(text: Text, max_row_bytes: int) -> Iterator[Row]:
    extent, told = Extent(1, text.start, b""), False
    for extent, ended in _lines(text, max_row_bytes):
        if extent.problem:
            yield extent, {}
            continue
        try:
            yield extent, parse_object(extent.raw)
        except ValueError as error:
            if not ended and text.damage:
                told = True
                yield extent._replace(problem=f"the row is cut off: {text.damage}"), {}
            else:
                yield from _glued(extent) or [(extent._replace(problem=str(error)), {})]
    if text.damage and not told:
        yield Extent(extent.line, extent.offset + len(extent.raw), b"", text.damage), {}


def _lines(text: Text, max_row_bytes: int) -> Iterator[tuple[Extent, bool]]:
    """Yield the lines that are not blank, and whether each has its line end."""
    for line in lines(text, start=text.start, longest=max_row_bytes, only_lf=True):
        raw = line.text.strip().removeprefix(MARK).strip()
        if line.size > max_row_bytes:
            extent = Extent(line.number, line.offset, line.text)
            yield too_large(extent, line.size, max_row_bytes), line.ended
        elif raw:
            offset = line.offset + line.text.find(raw[:1])
            yield Extent(line.number, offset, raw), line.ended


def _is_object(raw: bytes) -> bool:
    try:
        parse_object(raw)
    except ValueError:
        return False
    return True


def _glued(extent: Extent) -> list[Row]:
    """Return the objects of a line that holds several, or one and a comma; none if it is broken."""
    window = Window(iter([extent.raw]), start=extent.offset)
    found: list[Row] = []
    at = window.skip(0)
    try:
        while window.byte(at) == b"{":
            end = window.value_end(at, len(extent.raw))
            raw = window.data[at:end]
            found.append((Extent(extent.line, window.offset_at(at), raw), parse_object(raw)))
            at = window.skip(end)
            if window.byte(at) == b",":
                at = window.skip(at + 1)
    except (Unclosed, ValueError):
        return []
    return [] if window.byte(at) else found


class _Objects:
    """Objects in arrays, one after another, or in wrappers, in one pass over a text."""

    def __init__(self, text: Text, max_row_bytes: int, *, wrappers: bool) -> None:
        self._text = text
        self._window = Window(iter(text), start=text.start)
        self._at = 0
        self._max_row_bytes = max_row_bytes
        self._patience_bytes = _PATIENCE_BYTES
        self._wrappers = wrappers
        self._open: str | None = None
        """What is not closed where the text ends."""
        self._told = False
        """The last row was cut off, and its problem says so."""

    def rows(self) -> Iterator[Row]:
        """Yield what stands outside of all arrays, or in them."""
        while byte := self._next_byte():
            if byte == b"[":
                self._at += 1
                yield from self._array({})
            elif byte != b"{":
                yield self._junk(_REST_OF_LINE)
            elif self._wrappers and (envelope := self._envelope()) is not None:
                yield from self._wrapped(envelope)
            else:
                yield self._row({})
        problem = self._text.damage or self._open
        if problem and not self._told:
            yield self._extent(self._at)._replace(problem=problem), {}

    def _array(self, envelope: Members) -> Iterator[Row]:
        while byte := self._next_byte():
            if byte == b"]":
                self._at += 1
                return
            yield self._row(envelope) if byte == b"{" else self._junk(_JUNK)
        self._open = "the array is not closed: the drop seems to be cut off"

    def _wrapped(self, envelope: Members) -> Iterator[Row]:
        try:
            for name in self._members():
                if self._holds_rows(name):
                    self._at += 1
                    yield from self._array(envelope)
                else:
                    self._skip_value()
        except Unclosed as unclosed:
            # What stands here is taken for junk next, unless the text ends.
            if not self._window.byte(self._at):
                self._open = self._open or str(unclosed)

    def _next_byte(self) -> bytes:
        """Go to the next byte that is neither white space nor a comma, and return it."""
        self._at = self._window.skip(self._at)
        while passed := self._window.token(_BETWEEN_ROWS, self._at, len(MARK)):
            self._at = self._window.skip(self._at + len(passed))
        return self._window.byte(self._at)

    def _extent(self, end: int) -> Extent:
        window, at = self._window, self._at
        return Extent(window.line_at(at), window.offset_at(at), window.data[at:end])

    def _junk(self, pattern: re.Pattern[bytes]) -> Row:
        """Take what stands where a row should."""
        end = self._at + len(self._window.token(pattern, self._at, _TOKEN_BYTES))
        if self._window.byte(self._at) == b"[":
            with suppress(Unclosed):
                end = self._value_end()
        extent = self._extent(end)
        self._at = end
        raw = extent.raw.rstrip()
        return extent._replace(raw=raw, problem=f"expected a JSON object, found {glimpse(raw)}"), {}

    def _row(self, envelope: Members) -> Row:
        """Take the object that begins here, or as much as is damaged."""
        self._at = self._window.trim(self._at)
        try:
            end = self._value_end()
        except Unclosed as unclosed:
            return self._unclosed(unclosed), {}
        extent = self._extent(end)
        try:
            members = parse_object(extent.raw)
        except ValueError as error:
            following = self._following(self._at + 1, end, self._likeness()) or end
            self._patience_bytes -= end - following
            return self._damaged(following, str(error)), {}
        self._at = end
        return extent, with_envelope(members, envelope)

    def _value_end(self) -> int:
        """Return where the value ends that begins here; raise Unclosed if it does not."""
        if self._patience_bytes < 0 and self._max_row_bytes > _IMPATIENT_BYTES:
            try:
                return self._window.value_end(self._at, _IMPATIENT_BYTES)
            except Endless as endless:
                if self._following(self._at + 1, endless.end, self._likeness()):
                    raise
        return self._window.value_end(self._at, self._max_row_bytes)

    def _damaged(self, end: int, problem: str) -> Extent:
        extent = self._extent(end)
        self._at = end
        return extent._replace(raw=extent.raw.rstrip(b" \t\r\n,"), problem=problem)

    def _unclosed(self, unclosed: Unclosed) -> Extent:
        likeness = self._likeness()
        following = self._following(self._at + 1, unclosed.end, likeness)
        if following:
            self._patience_bytes -= unclosed.end - following
            return self._damaged(following, str(unclosed))
        if isinstance(unclosed, Endless):
            return self._endless(unclosed, likeness)
        if isinstance(unclosed, CutOff):
            self._told = True
            reason = self._text.damage or "the drop ends within it"
            return self._damaged(unclosed.end, f"the row is cut off: {reason}")
        return self._damaged(unclosed.end, str(unclosed))

    def _endless(self, unclosed: Unclosed, likeness: _Likeness) -> Extent:
        """Pass over a row beyond the limit to the next one, and hold no more than a window."""
        window = self._window
        extent = self._extent(self._at + KEPT_BYTES)
        start = self._at + 1
        while not (following := self._following(start, len(window.data), likeness)):
            start = window.trim(max(start, len(window.data) - _TOKEN_BYTES))
            if not window.more():
                following = len(window.data)
                break
        self._at = following
        size = window.offset_at(following) - extent.offset
        if size > self._max_row_bytes:
            return too_large(extent, size, self._max_row_bytes)
        return extent._replace(raw=extent.raw[:size].rstrip(), problem=str(unclosed))

    def _likeness(self) -> _Likeness:
        """Return what the next row has in common with the one that begins here."""
        first = _FIRST_KEY.match(self._window.data, self._at)
        begins = rb",\s*+(\{)\s*+" + re.escape(first[1]) if first else rb",\s*+(\{)(?!)"
        return self._window.column_at(self._at), re.compile(begins)

    def _following(self, start: int, end: int, likeness: _Likeness) -> int | None:
        """Return where the next row seems to begin, between two positions.

        It begins a line no deeper than the damaged row did, or stands behind a comma and has the
        same first key: an object within a row has neither.
        """
        column, begins = likeness
        data = self._window.data
        found = [match.start(1) for match in [begins.search(data, start, end)] if match]
        for match in _ROW_ON_A_LINE.finditer(data, start, end):
            if len(match[1]) <= column:
                found.append(match.start(2))
                break
        return min(found, default=None)

    def _envelope(self) -> Members | None:
        """Return what the object that begins here says of its events; None if it wraps none."""
        at = self._at = self._window.trim(self._at)
        try:
            members = parse_object(self._window.data[at : self._value_end()])
        except Unclosed as unclosed:
            self._patience_bytes -= unclosed.end - at
        except ValueError:
            pass
        else:
            return envelope_of(members) if is_wrapper(members) else None
        leading = self._leading_members()
        self._at = at
        return None if leading is None or is_event(leading) else envelope_of(leading)

    def _leading_members(self) -> Members | None:
        """Return the members before the events of a wrapper that is too large or damaged."""
        found: dict[str, bytes] = {}
        with suppress(Unclosed):
            for name in self._members():
                if self._holds_rows(name):
                    return found
                at = self._at
                self._skip_value()
                found[name] = self._window.data[at : self._at]
        return None

    def _members(self) -> Iterator[str]:
        """Yield each member's name when its value is next; whoever asks takes the value."""
        self._at += 1
        while (byte := self._next_byte()) == b'"':
            name = self._window.token(_STRING, self._at, _TOKEN_BYTES)
            self._at = self._window.skip(self._at + len(name))
            if not name or self._window.byte(self._at) != b":":
                raise Unclosed(self._at, "the wrapping object is damaged")
            self._at = self._window.skip(self._at + 1)
            yield name[1:-1].decode("utf-8", "replace")
        if byte != b"}":
            raise Unclosed(self._at, "the wrapping object is not closed")
        self._at += 1

    def _holds_rows(self, name: str) -> bool:
        window = self._window
        if name.casefold() not in WRAPPERS or window.byte(self._at) != b"[":
            return False
        return window.byte(window.skip(self._at + 1)) in {b"{", b"]"}

    def _skip_value(self) -> None:
        window, at = self._window, self._at
        byte = window.byte(at)
        if byte in {b"{", b"["}:
            self._at = window.value_end(at, self._max_row_bytes)
            return
        pattern = _STRING if byte == b'"' else _SCALAR
        self._at += len(window.token(pattern, at, self._max_row_bytes))
        if self._at == at:
            raise Unclosed(at, "the wrapping object is damaged")
