"""A part's text as UTF-8 bytes, and its physical lines with their places."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import NamedTuple, Protocol, Self

from msgspec import Struct

from firehose_loader.formats.encoding import WINDOWS_1252
from firehose_loader.formats.unpack import Part
from firehose_loader.model import Content, Reason

KEPT_BYTES = 2**20
"""So much is kept of a row that cannot be loaded."""

MARK = b"\xef\xbb\xbf"
"""A byte order mark. One within a text, where a row begins, is left of files put together."""

_FIRST_BYTES = 4 * 2**10


class Extent(NamedTuple):
    """Where a row stands in its part, and its bytes; or what is wrong with it."""

    line: int
    offset: int
    raw: bytes
    """Without its line end; of a row beyond the limit only the beginning."""
    problem: str | None = None
    reason: Reason = Reason.UNPARSEABLE


class Line(NamedTuple):
    """One physical line."""

    number: int
    offset: int
    text: bytes
    """With its line end; of a line beyond the limit only the beginning."""
    size: int
    ended: bool
    """Whether a line end follows, or only the end of the part."""


class Text(Protocol):
    """Bytes in UTF-8 without a byte order mark, to be iterated once."""

    @property
    def start(self) -> int:
        """Offset of the first byte."""

    @property
    def damage(self) -> str | None:
        """What is wrong with the drop itself; known once the text has been read to its end."""

    def __iter__(self) -> Iterator[bytes]: ...


class PartText:
    """A part as UTF-8.

    What is no text in another encoding comes out as bytes that are no UTF-8, so that only the rows
    with such bytes are lost.
    """

    def __init__(self, part: Part, content: Content) -> None:
        self._part = part
        self._encoding = content.encoding
        self._mark = mark_bytes(content.encoding) if content.bom else 0
        self._odd_end = False

    @property
    def start(self) -> int:
        return self._mark if self._encoding == "utf-8" else 0

    @property
    def damage(self) -> str | None:
        if self._part.damage or not self._odd_end:
            return self._part.damage
        return "the drop ends in the middle of a character: it was cut off"

    def __iter__(self) -> Iterator[bytes]:
        blocks = self._unmarked()
        return blocks if self._encoding == "utf-8" else self._transcoded(blocks)

    def _unmarked(self) -> Iterator[bytes]:
        self._part.peek(self._mark)
        skipped = self._mark
        for block in self._part:
            yield block[skipped:]
            skipped = 0

    def _transcoded(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        decoder, errors = _decoder(self._encoding)
        for block in blocks:
            yield decoder.decode(block).encode("utf-8", errors)
        rest = bytes(decoder.getstate()[0])
        self._odd_end = bool(rest)
        if len(rest) > 1:  # half of a surrogate pair
            yield rest[:2].decode(self._encoding, "surrogatepass").encode("utf-8", "surrogatepass")


class Sample(Struct, frozen=True, kw_only=True):
    """The beginning of a part as UTF-8 without a byte order mark."""

    data: bytes
    start: int
    whole: bool
    """It is all of the part."""
    final: bool
    """No larger one will be taken."""

    @classmethod
    def of(cls, head: bytes, encoding: str, *, bom: bool, whole: bool, final: bool) -> Self:
        """Make a sample of a part's first bytes."""
        mark = mark_bytes(encoding) if bom else 0
        data = head[mark:]
        if encoding != "utf-8":
            decoder, errors = _decoder(encoding)
            data = decoder.decode(data).encode("utf-8", errors)
            mark = 0
        return cls(data=data, start=mark, whole=whole, final=final)

    def text(self) -> Text:
        """Return the sample as a text."""
        return _SampleText(self)


class _SampleText:
    damage = None

    def __init__(self, sample: Sample) -> None:
        self.start = sample.start
        self._data = sample.data

    def __iter__(self) -> Iterator[bytes]:
        # Two blocks, for mostly the first lines are all that is asked for.
        return iter([self._data[:_FIRST_BYTES], self._data[_FIRST_BYTES:]])


def mark_bytes(encoding: str) -> int:
    """Return the size of a byte order mark."""
    return len(MARK) if encoding == "utf-8" else 2


def lines(
    blocks: Iterable[bytes], *, start: int, longest: int, only_lf: bool = False
) -> Iterator[Line]:
    """Yield physical lines that end in LF, CRLF or CR (or in LF alone).

    A line of more than ``longest`` bytes is not held in memory: its text is cut, its size true.
    """
    split: Callable[[bytes], list[bytes]] = _at_lf if only_lf else _at_any
    held = _Held(longest)
    number, offset = 0, start
    for block in filter(None, blocks):
        pieces = split(block)
        if held.size and not held.ended(block, only_lf=only_lf):
            held.add(pieces.pop(0))
            if not pieces:
                continue
        if held.size:
            number += 1
            yield held.line(number, offset, ended=True)
            offset += held.size
        last = pieces.pop()
        for piece in pieces:
            number += 1
            yield Line(number, offset, piece, len(piece), ended=True)
            offset += len(piece)
        held = _Held(longest)
        held.add(last)
    if held.size:
        yield held.line(number + 1, offset, ended=held.ended(b"", only_lf=only_lf))


def too_large(extent: Extent, size: int, max_row_bytes: int) -> Extent:
    """Return the extent of a row of ``size`` bytes that is beyond the limit."""
    kept = extent.raw[:KEPT_BYTES]
    problem = (
        f"the row has {size} bytes, more than max_row_bytes ({max_row_bytes}) allows;"
        f" its first {len(kept)} bytes are kept"
    )
    return extent._replace(raw=kept, problem=problem, reason=Reason.TOO_LARGE)


def _decoder(encoding: str) -> tuple[codecs.IncrementalDecoder, str]:
    """Return a decoder, and the way to encode what is no text as bytes that are no UTF-8."""
    errors = "surrogateescape" if encoding == WINDOWS_1252 else "surrogatepass"
    return codecs.getincrementaldecoder(encoding)(errors), errors


def _at_any(block: bytes) -> list[bytes]:
    return block.splitlines(keepends=True)


def _at_lf(block: bytes) -> list[bytes]:
    return BytesIO(block).readlines()


class _Held:
    """The last line of a block, which may go on in the next ones."""

    def __init__(self, longest: int) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._longest = longest
        self._end = b""

    def add(self, piece: bytes) -> None:
        if self.size <= self._longest:
            self._pieces.append(piece)
        self.size += len(piece)
        self._end = piece[-1:]

    def ended(self, following: bytes, *, only_lf: bool) -> bool:
        if self._end == b"\r" and not only_lf:
            return not following.startswith(b"\n")
        return self._end == b"\n"

    def line(self, number: int, offset: int, *, ended: bool) -> Line:
        text = b"".join(self._pieces)
        if self.size > self._longest:
            text = text[:KEPT_BYTES]
        return Line(number, offset, text, self.size, ended)
