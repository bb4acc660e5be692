"""The fields of a drop's rows, in the order of first sight."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

from msgspec import Struct

from firehose_loader.errors import TooManyFields
from firehose_loader.formats.json_texts import Members, parse_object, text_of
from firehose_loader.schema.names import is_payload


class Columns(Struct, frozen=True, kw_only=True):
    """Where the cells of a CSV row belong."""

    places: Sequence[int]
    payloads: Mapping[str, int]
    """Names and places of columns that an envelope may carry its fields in."""
    names: Collection[str]

    @property
    def in_order(self) -> bool:
        """Tell whether its rows are what they are to be."""
        return not self.payloads and self.places == list(range(len(self.places)))


class Fields:
    """Names as written, and where each has its place; names that differ in case are two."""

    def __init__(self, *, most: int) -> None:
        """Begin with no names; ``most`` is how many there may be."""
        self.names: list[str] = []
        self._most = most
        self._places: dict[tuple[str, int], int] = {}
        self._firsts: dict[str, int] = {}

    def columns(self, header: Sequence[str]) -> Columns:
        """Return the places of a header's columns; a name that comes twice has two places.

        Raises:
            TooManyFields: that would be more names than there may be.
        """
        seen: dict[str, int] = {}
        places = []
        for name in header:
            seen[name] = seen.get(name, 0) + 1
            places.append(self._place(name, seen[name]))
        payloads = {name: places[header.index(name)] for name in seen if _is_payload(name)}
        return Columns(places=places, payloads=payloads, names=seen.keys())

    def row(self, members: Members) -> list[str]:
        """Return an object's values as texts, each in its place; raises as ``columns`` does."""
        texts = [""] * len(self.names)
        for name, value in members.items():
            payload = _payload(value) if _is_payload(name) else None
            if payload is None:
                self._put(texts, name, text_of(value))
            else:
                self._put_members(texts, name, payload, members)
        return texts

    def cells(self, columns: Columns, cells: list[str]) -> list[str]:
        """Return a CSV row's cells, each in its place; raises as ``columns`` does.

        The cell of a payload that spells an object gives that object's members.
        """
        if columns.in_order:
            return cells
        texts = [""] * len(self.names)
        for place, cell in zip(columns.places, cells, strict=True):
            texts[place] = cell
        for name, place in columns.payloads.items():
            payload = _object_of(texts[place])
            if payload is not None:
                texts[place] = ""
                self._put_members(texts, name, payload, columns.names)
        return texts

    def _put_members(
        self, texts: list[str], name: str, payload: Members, others: Collection[str]
    ) -> None:
        """Put a payload's members where they belong: ``data.contactId`` and so on."""
        for member, inner in payload.items():
            path = f"{name}.{member}"
            self._put(texts, f"{path} 2" if path in others else path, text_of(inner))

    def _put(self, texts: list[str], name: str, text: str) -> None:
        place = self._firsts.get(name)
        if place is None:
            place = self._firsts[name] = self._place(name, 1)
        texts.extend([""] * (len(self.names) - len(texts)))
        texts[place] = text

    def _place(self, name: str, ordinal: int) -> int:
        place = self._places.setdefault((name, ordinal), len(self.names))
        if place == len(self.names):
            if place == self._most:
                raise TooManyFields(self._most)
            self.names.append(name)
        return place


def _payload(value: bytes) -> Members | None:
    """Return the members of a payload that is an object, or a text that spells one."""
    return _object_of(value.decode() if value.startswith(b"{") else text_of(value))


def _object_of(text: str) -> Members | None:
    if not text.startswith("{"):
        return None
    with suppress(ValueError):
        return parse_object(text.encode())
    return None


_is_payload = lru_cache(maxsize=4096)(is_payload)
