"""A sliding view of a JSON text, in which values are found by their brackets and strings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from firehose_loader.formats.possessive import STRING, repeated

_TRIM_BYTES = 2**20
_NO_SPACE = re.compile(rb"[^ \t\r\n\v\f]")
_BETWEEN = re.compile(repeated(r'[^"{}\[\]]++', STRING).encode(), re.DOTALL)
"""All up to the next bracket; stops at a string that has no end yet."""
_QUOTE, _BRACE = b'"}'
_CLOSERS = {ord("{"): _BRACE, ord("["): ord("]")}


class Unclosed(Exception):
    """A value has no end where it should."""

    def __init__(self, end: int, why: str) -> None:
        super().__init__(why)
        self.end = end
        """Where looking for it stopped."""


class CutOff(Unclosed):
    """The text ends first."""


class Endless(Unclosed):
    """The limit is reached first."""


class Window:
    """Bytes of a text from the last trim on; positions count from there."""

    def __init__(self, blocks: Iterator[bytes], *, start: int) -> None:
        self.data = b""
        self._blocks = blocks
        self._base = start
        self._line = 1
        self._counted = 0
        self._column_base = 0

    def more(self) -> bool:
        """Read on, as much again as is held, so that growing costs linear time."""
        blocks = [self.data]
        wanted = len(self.data)
        for block in self._blocks:
            blocks.append(block)
            wanted -= len(block)
            if wanted < 0:
                break
        before = len(self.data)
        self.data = b"".join(blocks)
        return len(self.data) > before

    def trim(self, position: int) -> int:
        """Forget what lies before a position, if that is much; return the new position."""
        if position < max(_TRIM_BYTES, len(self.data) // 2):
            return position
        self.line_at(position)
        self._column_base = self.column_at(position)
        self.data = self.data[position:]
        self._base += position
        self._counted = 0
        return 0

    def offset_at(self, position: int) -> int:
        """Return the byte offset in the part."""
        return self._base + position

    def line_at(self, position: int) -> int:
        """Return the physical line; positions must not go back."""
        between = self._counted, position
        self._line += max(self.data.count(b"\n", *between), self.data.count(b"\r", *between))
        self._counted = max(position, self._counted)
        return self._line

    def column_at(self, position: int) -> int:
        """Return how many bytes stand before a position on its line."""
        start = max(self.data.rfind(b"\n", 0, position), self.data.rfind(b"\r", 0, position)) + 1
        return position - start + (self._column_base if start == 0 else 0)

    def skip(self, position: int) -> int:
        """Return the position of the next byte that is no white space, or of the end."""
        while not (found := _NO_SPACE.search(self.data, position)):
            position = len(self.data)
            if not self.more():
                return position
        return found.start()

    def byte(self, position: int) -> bytes:
        """Return the byte at a position; nothing at the end."""
        return self.data[position : position + 1]

    def token(self, pattern: re.Pattern[bytes], position: int, limit: int) -> bytes:
        """Return what a pattern matches at a position, once no further byte can change that."""
        while True:
            found = pattern.match(self.data, position)
            settled = found and found.end() < len(self.data)
            if settled or len(self.data) - position > limit or not self.more():
                return found[0] if found else b""

    def value_end(self, position: int, limit: int) -> int:
        """Return where the object or array ends that begins at a position.

        Raises:
            CutOff, Endless: neither a fitting bracket nor a wrong one comes within ``limit`` bytes.
            Unclosed: a bracket of the wrong kind comes first.
        """
        expected = bytearray()
        at = position
        while True:
            found = _BETWEEN.match(self.data, at)
            at = found.end() if found else at
            bracket = self.data[at] if at < len(self.data) else None
            if at - position > limit:
                raise Endless(at, f"the object is not closed within {limit} bytes")
            if bracket is None or bracket == _QUOTE:
                self._grow(position, limit)
            elif bracket in _CLOSERS:
                expected.append(_CLOSERS[bracket])
                at += 1
            elif expected and bracket == expected.pop():
                at += 1
                if not expected:
                    return at
            else:
                # A wrong brace is this value's own; a wrong bracket may be its array's end.
                end = at + 1 if bracket == _BRACE and at > position else at
                raise Unclosed(end, "a bracket is closed by one of another kind")

    def _grow(self, position: int, limit: int) -> None:
        if len(self.data) - position > limit:
            raise Endless(len(self.data), f"a string is not closed within {limit} bytes")
        if not self.more():
            raise CutOff(len(self.data), "the object is not closed")
