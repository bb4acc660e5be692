"""What a warehouse calls the tables of event types, their columns and the views.

The loader knows each by its own name, in snake case; here, and nowhere else, that name becomes the
one which the warehouse has. No two names become one, so that each is read back as what it was.
Names that begin with ``_`` are the loader's own: they keep their name, whatever is configured.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from firehose_loader.config.warehouses.names import HOLES, Names
from firehose_loader.errors import ConfigError
from firehose_loader.schema.model import EventSchema
from firehose_loader.schema.names import RESERVED_PREFIX, VIEWS

_AS_IT_IS = "="
"""Before the name of a column that fits no template: it is known as the warehouse has it."""
_SIGN = re.compile(r".", re.DOTALL)


class _Case(Struct, frozen=True, kw_only=True):
    """How words are joined to a name; ``read`` takes back what ``write`` does."""

    write: Callable[[str], str]
    read: Callable[[str], str]


def _same(name: str) -> str:
    return name


def _is_undone(sign: str) -> bool:
    """Tell whether the capital of a letter leads back to it."""
    capital = sign.upper()
    return len(capital) == 1 and capital != sign and capital.lower() == sign


def _begun(word: str) -> str:
    """Return a word with a capital; where that could not be undone, behind its ``_``."""
    return word[:1].upper() + word[1:] if _is_undone(word[:1]) else f"_{word}"


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(_begun, others))


def _pascal(name: str) -> str:
    first, *others = name.split("_")
    return _begun(first).removeprefix("_") + "".join(map(_begun, others))


def _parted(name: str) -> str:
    """Return a name with each capital undone."""

    def parted(match: re.Match[str]) -> str:
        small = match[0].lower()
        return f"_{small}" if small != match[0] and _is_undone(small) else match[0]

    return _SIGN.sub(parted, name)


_CASES: Mapping[str, _Case] = {
    "snake": _Case(write=_same, read=_same),
    "upper": _Case(write=str.upper, read=str.lower),
    "camel": _Case(write=_camel, read=_parted),
    "pascal": _Case(write=_pascal, read=lambda name: _parted(name).removeprefix("_")),
}


class _Template(Struct, frozen=True):
    """One rule by which names are written, and read back."""

    before: str
    after: str
    case: _Case

    def write(self, name: str) -> str:
        return f"{self.before}{self.case.write(name)}{self.after}"

    def read(self, stored: str) -> str | None:
        """Return the name that is written so; None where none is."""
        inner = stored.removeprefix(self.before)
        name = self.case.read(inner.removesuffix(self.after) if self.after else inner)
        return name if name and self.write(name) == stored else None


class Naming:
    """The names of one warehouse. ``own`` is the case of names that nothing is configured for."""

    def __init__(self, names: Names, *, own: str) -> None:
        self._own = _CASES[own]
        self._table = _template(names.table, HOLES["table"], names.table_case, own)
        self._view = _template(names.view, HOLES["view"], names.table_case, own)
        self._column = _template(names.column, HOLES["column"], names.column_case, own)
        self._views = {self._view.write(view): view for view in VIEWS}

    def own(self, name: str) -> str:
        """Return how a name of the loader's own, or of a schema, is stored."""
        return self._own.write(name)

    def known(self, stored: str) -> str:
        """Return a name of the loader's own from how it is stored."""
        return self._own.read(stored)

    def table(self, name: str) -> str:
        """Return how the name of a table or view is stored."""
        if name.startswith(RESERVED_PREFIX):
            return self._own.write(name)
        return (self._view if name in VIEWS else self._table).write(name)

    def known_table(self, stored: str) -> str | None:
        """Return the table or view that is stored under a name; None where it is none of ours."""
        name = self._own.read(stored)
        if name.startswith(RESERVED_PREFIX):
            return name
        if stored in self._views:
            return self._views[stored]
        name = self._table.read(stored) or ""
        return None if not name or name in VIEWS or name.startswith(RESERVED_PREFIX) else name

    def column(self, name: str) -> str:
        """Return how the name of a column of an event table is stored."""
        if name.startswith(RESERVED_PREFIX):
            return self._own.write(name)
        if name.startswith(_AS_IT_IS):
            return name.removeprefix(_AS_IT_IS)
        return self._column.write(name)

    def known_column(self, table: str, stored: str) -> str:
        """Return the column that is stored under a name, in a table of ours."""
        own = self._own.read(stored)
        if own.startswith(RESERVED_PREFIX) or table.startswith(RESERVED_PREFIX) or table in VIEWS:
            return own
        name = self._column.read(stored)
        if name is None or name.startswith((RESERVED_PREFIX, _AS_IT_IS)):
            return f"{_AS_IT_IS}{stored}"
        return name

    @property
    def samples(self) -> Mapping[str, tuple[str, str]]:
        """What tells one naming from another: by kind, a name and how it is stored."""
        return {
            "table": ("email_open", self._table.write("email_open")),
            "column": ("event_id", self._column.write("event_id")),
            "view": ("events_daily", self._view.write("events_daily")),
        }

    def check(self, schemas: Iterable[EventSchema], *, fold: Callable[[str], str]) -> None:
        """Make sure that no two of the tables, views and columns get one name.

        Args:
            schemas: all there are.
            fold: what the warehouse holds for one name when it compares two.

        Raises:
            ConfigError: two do.
        """
        schemas = list(schemas)
        tables = {schema.table: f"the table of {schema.event_type}" for schema in schemas}
        tables |= {view: f"the view {view}" for view in VIEWS}
        _check_distinct([(self.table(name), told) for name, told in tables.items()], fold)
        for schema in schemas:
            columns = [
                (self.column(name), f"the column {name} of {schema.event_type}")
                for name in schema.by_column
            ]
            _check_distinct(columns, fold)


def _check_distinct(names: Iterable[tuple[str, str]], fold: Callable[[str], str]) -> None:
    taken: dict[str, tuple[str, str]] = {}
    for stored, told in names:
        other, of = taken.setdefault(fold(stored), (stored, told))
        if of != told:
            raise ConfigError(
                f"[warehouse.names]: {of} would be {other!r} and {told} {stored!r}, which is one"
                " name in this warehouse; choose another template or case"
            )


def _template(text: str, hole: str, case: str | None, own: str) -> _Template:
    before, _, after = text.partition(hole)
    if case is None and own == "upper":
        return _Template(before.upper(), after.upper(), _CASES[own])
    return _Template(before, after, _CASES[case or own])
