"""What a warehouse does about its tables: makes them, or says which somebody else has to make."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

from firehose_loader.config import Warehouse as Target
from firehose_loader.errors import ConfigError, ScreenChanged
from firehose_loader.protocols import MadeView, Missing, StagedBatch, TablesVersion
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.statements import statement
from firehose_loader.warehouse.missing import events_missing, own_missing, refuse
from firehose_loader.warehouse.named import Named
from firehose_loader.warehouse.own_tables import OwnTables
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import Columns, EventTables, Migration
from firehose_loader.warehouse.views import Views, event_tables


class KeepsTables(ABC):
    """The tables and views in one schema that a session reaches."""

    def __init__(self, session: Session, target: Target, tables: EventTables) -> None:
        self._session = session
        self._schema = target.schema_name
        self._tables = tables
        self._manages = target.manage_tables
        """The loader makes and changes tables itself."""
        self._where = f"{target.place}, schema {target.schema_name}"
        self._own = OwnTables(session, tables, target.schema_name, target.place)
        self.upgraded_from: int | None = None
        self._named = Named(session, tables, manages=self._manages)
        self._qualified = tables.qualified

    @abstractmethod
    def _upgrading(self) -> AbstractContextManager[bool]:
        """Hold the loader's own tables while they are upgraded.

        Yields false where somebody else has done it meanwhile.
        """

    @abstractmethod
    def _make(self) -> None:
        """Make what is missing of the schema and the loader's own tables."""

    def prepare(self, schemas: Collection[EventSchema] = ()) -> None:
        if self._manages:
            self._make()
            return
        self._named.check(again=True)
        refuse(self.missing(schemas), self._where)
        self._begin_given()

    def _begin_given(self) -> None:
        """Note what the first run in tables that somebody else made has to note."""
        with self._session.transaction():
            self._own.note()
            self._named.record()

    def missing(self, schemas: Collection[EventSchema]) -> Sequence[Missing]:
        self._tables.forget()
        return [
            *self._place_missing(),
            *own_missing(self._session, self._tables, self._own),
            *events_missing(self._session, self._tables, schemas),
        ]

    def _place_missing(self) -> Iterator[Missing]:
        """Yield what the tables need to lie in, where it is not there."""
        naming = self._qualified.spelling.naming
        if not self._session.run("view_columns", {"schema": naming.own(self._schema)}):
            name = self._qualified.spelling.name(self._schema)
            sql = statement(self._session.dialect, "meta_schema", schema=name).shown
            yield Missing(what=f"schema {self._schema}", statements=[sql])

    def settle_version(self, *, read_only: bool) -> None:
        """Upgrade the loader's own tables if they are older and may be changed.

        Raises:
            TablesMissing: somebody else has to.
            TablesOutdated, WarehouseUnusable, WarehouseBusy: as ``open_warehouse``.
        """
        if (found := self._own.outdated(read_only=read_only and self._manages)) is None:
            return
        if not self._manages:
            refuse(list(own_missing(self._session, self._tables, self._own)), self._where)
            if not read_only:
                self._own.note()
            return
        with self._upgrading() as is_due:
            if is_due:
                self._own.upgrade()
                self.upgraded_from = found.version

    def tables_version(self) -> TablesVersion | None:
        return self._own.version()

    def columns(self, table: str) -> Mapping[str, FieldType | None]:
        self._named.check()
        return self._tables.columns(table)

    def _event_tables(self) -> Mapping[str, Sequence[str]]:
        """Return the event tables, each with its columns."""
        self._named.check()
        return event_tables(self._session, self._qualified)

    def install_views(self, *, preview: bool) -> Sequence[MadeView]:
        if not self._manages and not preview:
            raise ConfigError(
                f"{self._where}: manage_tables = false, so that no view is made; firehose-loader"
                " views --dry-run prints the statements for whoever may run them"
            )
        self._tables.forget()
        try:
            return Views(self._session, self._tables).install(preview=preview)
        finally:
            self._tables.forget()

    def _migrate(self, batch: StagedBatch) -> Mapping[str, Migration]:
        """Make and widen the tables that a batch needs, and the view over them."""
        if not self._manages:
            self._refuse_missing(table.schema for table in batch.tables)
            return {}
        there = self._tables.all_columns()
        _refuse_overtaken(batch, there)
        migrated: dict[str, Migration] = {}
        for table in batch.tables:
            name = table.schema.table
            if before := migrated.get(name):  # rows of several shapes may go into one table
                migrated[name] = before.then(self._tables.migrate(table.schema))
            else:
                migrated[name] = self._tables.migrate(table.schema, there.get(name, {}))
        if any(one.changed for one in migrated.values()):
            Views(self._session, self._tables).follow()
            self._tables.forget()
        return migrated

    def _refuse_missing(self, schemas: Iterable[EventSchema]) -> None:
        refuse(list(events_missing(self._session, self._tables, schemas)), self._where)


def _refuse_overtaken(batch: StagedBatch, there: Mapping[str, Columns]) -> None:
    """Leave a column alone that a batch was to bring, where others brought it as another type.

    Raises:
        ScreenChanged.
    """
    for addition in (one.addition for one in batch.additions):
        for schema in (table.schema for table in batch.tables):
            if addition.is_of(schema):
                columns = there.get(schema.table, {})
                if any(
                    columns.get(one.column, one.type) is not one.type for one in addition.fields
                ):
                    raise ScreenChanged
