"""What is learned of a drop on the way, where all of its text is read to see that it is sound."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from firehose_loader.errors import ConfigError

_MOST_COPIED_BYTES = 256 * 2**20


class Size(NamedTuple):
    """How much text a drop holds."""

    bytes: int
    lines: int
    """Those that end in a line feed, and the last one if it does not; 0 where a carriage return
    stands alone somewhere: it may end a line, too."""


class Reading:
    """The size of one drop's text, and a copy of it without its packing."""

    def __init__(self, copy: Path, take: Callable[[int], None] = lambda _: None) -> None:
        """Take where the text of a packed drop goes, and who is told how many bytes of it do."""
        self._copy = copy
        self._take = take
        self.size: Size | None = None
        """None until all of it was read and found sound."""
        self.text: Path | None = None
        """The copy, of a packed drop that is sound and not huge: the engine need not unpack it."""

    def take(self, blocks: Iterable[bytes], *, packed: bool) -> None:
        """Read all blocks.

        Raises:
            ConfigError: there is no room for the copy.
        """
        size, lines, alone, last = 0, 0, 0, b""
        try:
            with self._copy.open("wb", buffering=0) if packed else nullcontext() as file:
                for block in blocks:
                    size += len(block)
                    lines += block.count(b"\n")
                    if b"\r" in block:
                        alone += block.count(b"\r") - block.count(b"\r\n")
                    alone -= last == b"\r" and block.startswith(b"\n")
                    last = block[-1:] or last
                    if file is not None and size <= _MOST_COPIED_BYTES:
                        self._take(len(block))
                        file.write(block)
        except OSError as error:
            raise ConfigError(
                f"{self._copy.parent}: cannot write what is unpacked: {error.strerror};"
                " make room, or choose another folder with spool"
            ) from error
        self.size = Size(size, 0 if alone else lines + (last not in {b"", b"\n"}))
        if packed and size <= _MOST_COPIED_BYTES:
            self.text = self._copy

    def forget(self) -> None:
        """Give up what was learned: the text is not sound."""
        self.size = self.text = None
