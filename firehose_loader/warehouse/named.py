"""What names the tables of a schema were made with, so that no other ones come beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from firehose_loader.errors import ConfigError
from firehose_loader.warehouse.ddl import SPELLINGS
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import EventTables, foreign

NAMES = "_firehose_names"
_COLUMNS = {"kind", "name", "stored"}
_Samples = Mapping[str, tuple[str, str]]


class Named:
    """The names in one schema, held against those that are configured."""

    def __init__(self, session: Session, tables: EventTables, *, manages: bool = True) -> None:
        """Take what reaches them, and whether the loader makes the tables itself."""
        self._manages = manages
        self._session = session
        self._tables = tables
        self._schema = tables.qualified.schema
        self._naming = tables.qualified.spelling.naming
        self._is_checked = False

    def check(self, *, again: bool = False) -> None:
        """Make sure, once, that the event tables there are have the names that are configured.

        Raises:
            ConfigError: they have others.
        """
        if self._is_checked and not again:
            return
        wanted, there = self._naming.samples, self._recorded()
        # Where somebody else makes the tables, none is noted until the first run has begun.
        is_new = not there and not self._manages
        if there != wanted and not is_new and self._has_event_tables():
            kind = next(kind for kind in wanted if there.get(kind) != wanted[kind])
            name, new = wanted[kind]
            _, old = there.get(kind, ("", "?"))
            raise ConfigError(
                f"[warehouse.names] is not what the tables in {self._schema} were made with: the"
                f" {kind} {name} is {old!r} there, and would be {new!r}. Put [warehouse.names] back"
                " as it was; or give another [warehouse] schema, and load into that one"
            )
        self._is_checked = True

    def record(self) -> None:
        """Note the names that are configured, where they are not noted. Behind ``check``."""
        wanted = self._naming.samples
        if wanted == self._recorded():
            return
        self.make()
        place = self._tables.qualified(NAMES)
        self._session.run("names_forget", table=place)
        for kind, (name, stored) in wanted.items():
            values = {"kind": kind, "name": name, "stored": stored}
            self._session.run("names_add", values, table=place)
        self._tables.forget()

    def make(self) -> None:
        """Make the table that remembers names, if any are configured and it is not there."""
        own = SPELLINGS[self._session.dialect].naming.samples
        if self._naming.samples != own and not self._tables.columns(NAMES):
            self._session.run("meta_names", table=self._tables.qualified(NAMES))

    def _recorded(self) -> _Samples:
        """Return examples of the names that are noted; the loader's own where nothing is."""
        columns = set(self._tables.columns(NAMES))
        if not columns:
            return SPELLINGS[self._session.dialect].naming.samples
        if columns != _COLUMNS:
            raise foreign(self._schema, NAMES)
        rows = self._session.run("names_list", table=self._tables.qualified(NAMES))
        return {
            kind: (name, stored) for kind, name, stored in cast("list[tuple[str, str, str]]", rows)
        }

    def _has_event_tables(self) -> bool:
        """Tell whether there is an event table, whatever it is called."""
        schema = {"schema": self._naming.own(self._schema)}
        columns = self._session.run("view_columns", schema)
        return any(self._naming.known(str(column)) == "_key" for _, column in columns)
