"""Drops that a warehouse may read by itself, and why it does not read others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import groupby

from msgspec import Struct

from firehose_loader.model import Content, Drop, Format
from firehose_loader.schema.names import is_payload

MOST_FILES = 1000
"""More are not named in one statement."""
MOST_CELLS = 200
"""A wider CSV drop is read here."""
WITHIN = "\0"
"""Stands between the name of a payload and that of a member, which may hold any other sign."""
_FORMS = {
    ".csv": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".json": Format.JSON_ARRAY,
}
_SPELLED_IN_MANY_WAYS = frozenset("\\\"'\0\r\n")
"""Signs that a statement spells in more than one way."""


class Here(StrEnum):
    """Why a drop is fetched and read on this machine."""

    FORM = "form"
    NAME = "name"
    SIZE = "size"
    UNREADABLE = "unreadable"
    FIELDS = "fields"
    SCHEMA = "schema"
    ROWS = "rows"
    TURNS = "turns"
    TRANSACTION = "transaction"
    FORGOTTEN = "forgotten"
    RETENTION = "retention"

    @property
    def message(self) -> str:
        """Why, in a sentence about drops."""
        return _WHY[self]


_WHY = {
    Here.FORM: "their names end in nothing that tells a plain form, such as .csv or .json.gz",
    Here.NAME: "a list of files cannot name them",
    Here.SIZE: "they are larger than a limit allows",
    Here.UNREADABLE: "they are empty, or not what their names say, or cannot be read",
    Here.FIELDS: "the names of their fields are not plain, or a cell holds a payload",
    Here.SCHEMA: "their event schema has no event id for a key, or several models",
    Here.ROWS: "rows of them have unknown fields or unusual values, or they were written anew",
    Here.TURNS: "they lie scattered among others, and each change of the reader is a transaction",
    Here.TRANSACTION: "their rows could not be merged as the warehouse read them",
    Here.FORGOTTEN: "people were forgotten, and only this machine can tell whom rows name",
    Here.RETENTION: "events are kept for a time, and only this machine passes older ones over",
}


class ExternalDrop(Struct):
    """One drop of a batch as the warehouse read it."""

    drop: Drop
    content: Content | None = None
    """None until its name was understood."""
    names: tuple[str, ...] = ()
    """Of its fields; those of a payload's members with ``WITHIN`` in them."""
    first: tuple[str, ...] = ()
    """The names of the members that its first object has, if it holds objects."""
    here: Here | None = None
    """Why it is read on this machine, if it is."""

    @property
    def is_json(self) -> bool:
        """It holds objects."""
        return self.content is not None and self.content.format is not Format.CSV

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its fields as its first line or object tells them."""
        return self.first if self.is_json else self.names


def form_of(key: str) -> Content | None:
    """Return what a drop's name says of its form; None where it says nothing, or nothing plain."""
    name = key.lower()
    packed = name.endswith(".gz")
    name = name.removesuffix(".gz")
    for suffix, form in _FORMS.items():
        if name.endswith(suffix):
            return Content(
                format=form,
                compression="gzip" if packed else "none",
                delimiter="," if form is Format.CSV else "",
            )
    return None


def has_plain_fields(one: ExternalDrop) -> bool:
    """Tell whether a drop has fields whose names mean the same to all."""
    if not one.names or not all(map(is_plain_name, one.names)):
        return False
    if len({name.casefold() for name in one.names}) < len(one.names):
        return False
    if any(name != name.strip() for name in one.names):
        return False  # what is around a name is none of it, to the engine
    if one.is_json:
        return True
    return 1 < len(one.names) < MOST_CELLS and not any(map(is_payload, one.names))


def is_plain_name(name: str) -> bool:
    """Tell whether a statement can name a field in one way only."""
    return bool(name.strip()) and _SPELLED_IN_MANY_WAYS.isdisjoint(name.replace(WITHIN, "", 1))


def stretches(drops: Sequence[ExternalDrop]) -> Iterator[list[ExternalDrop]]:
    """Yield drops that follow each other and are read in the same place."""
    for _, same in groupby(drops, key=lambda one: one.here is None):
        yield list(same)
