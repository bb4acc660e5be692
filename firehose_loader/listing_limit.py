"""How much one listing may go through: a place without an end is told, not read for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from firehose_loader.errors import ListingTooLong

T = TypeVar("T")


class ListingLimit:
    """Counts what one listing goes through: drops, folders, and what is neither."""

    def __init__(self, place: str, most: int) -> None:
        """Take the place that is listed, as people know it, and how much that may be."""
        self._place = place
        self._most = most
        self._count = 0

    def note(self, more: int = 1) -> None:
        """Note that so much more was listed.

        Raises:
            ListingTooLong: that is more than may be.
        """
        self._count += more
        if self._count > self._most:
            raise ListingTooLong(self._place, self._most)

    def counted(self, entries: Iterable[T]) -> Iterator[T]:
        """Yield entries as they are listed, each noted. Raises as ``note`` does."""
        for entry in entries:
            self.note()
            yield entry
