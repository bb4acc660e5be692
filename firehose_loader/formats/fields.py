"""The fields of a drop's rows, in the order of first sight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache

from firehose_loader.errors import TooManyFields
from firehose_loader.formats.json_texts import Members, parse_object, text_of
from firehose_loader.schema.names import is_payload


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
        for name, text in _flattened(members):
            place = self._firsts.get(name)
            if place is None:
                place = self._firsts[name] = self._place(name, 1)
                texts.extend([""] * (len(self.names) - len(texts)))
            texts[place] = text
        return texts

    def _place(self, name: str, ordinal: int) -> int:
        place = self._places.setdefault((name, ordinal), len(self.names))
        if place == len(self.names):
            if place == self._most:
                raise TooManyFields(self._most)
            self.names.append(name)
        return place


def _flattened(members: Members) -> Iterator[tuple[str, str]]:
    """Yield names and texts; an envelope's payload as its members, ``data.contactId`` and so on.

    A payload is an object, or a text that spells one.
    """
    for name, value in members.items():
        payload = _payload(value) if _is_payload(name) else None
        if payload is None:
            yield name, text_of(value)
            continue
        for member, inner in payload.items():
            path = f"{name}.{member}"
            yield f"{path} 2" if path in members else path, text_of(inner)


def _payload(value: bytes) -> Members | None:
    text = value if value.startswith(b"{") else text_of(value).encode()
    if text.startswith(b"{"):
        with suppress(ValueError):
            return parse_object(text)
    return None


_is_payload = lru_cache(maxsize=4096)(is_payload)
