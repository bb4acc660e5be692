"""The fields of a drop's rows, in the order of first sight."""

from __future__ import annotations

from collections.abc import Sequence

from firehose_loader.errors import TooManyFields
from firehose_loader.formats.json_texts import Members, text_of


class Fields:
    """Names as written, and where each has its place; names that differ in case are two."""

    def __init__(self, *, most: int) -> None:
        """Begin with no names; ``most`` is how many there may be."""
        self.names: list[str] = []
        self._most = most
        self._places: dict[tuple[str, int], int] = {}
        self._firsts: dict[str, int] = {}

    def columns(self, header: Sequence[str]) -> list[int]:
        """Return the places of a header's columns; a name that comes twice has two places.

        Raises:
            TooManyFields: that would be more names than there may be.
        """
        seen: dict[str, int] = {}
        places = []
        for name in header:
            seen[name] = seen.get(name, 0) + 1
            places.append(self._place(name, seen[name]))
        return places

    def row(self, members: Members) -> list[str]:
        """Return an object's values as texts, each in its place; raises as ``columns`` does."""
        texts = [""] * len(self.names)
        for name, value in members.items():
            place = self._firsts.get(name)
            if place is None:
                place = self._firsts[name] = self._place(name, 1)
                texts.extend([""] * (len(self.names) - len(texts)))
            texts[place] = text_of(value)
        return texts

    def _place(self, name: str, ordinal: int) -> int:
        place = self._places.setdefault((name, ordinal), len(self.names))
        if place == len(self.names):
            if place == self._most:
                raise TooManyFields(self._most)
            self.names.append(name)
        return place
