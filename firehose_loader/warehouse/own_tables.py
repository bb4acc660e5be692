"""The loader's own tables: which there are, their version, and the steps to the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from datetime import UTC, datetime
from typing import cast

from msgspec import Struct

from firehose_loader import __version__
from firehose_loader.errors import TablesOutdated, WarehouseUnusable
from firehose_loader.protocols import TablesVersion
from firehose_loader.warehouse.alerts import ALERTS
from firehose_loader.warehouse.archive import ARCHIVE
from firehose_loader.warehouse.claims import CLAIMS
from firehose_loader.warehouse.digests import DIGESTS
from firehose_loader.warehouse.duplicates import DUPLICATES
from firehose_loader.warehouse.expire import EXPIRED, RETENTION
from firehose_loader.warehouse.forget import FORGOTTEN
from firehose_loader.warehouse.ledger import DROPS, RUNS, SCHEMAS
from firehose_loader.warehouse.pii_keys import KEYS
from firehose_loader.warehouse.quarantine import QUARANTINE
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import EventTables, foreign
from firehose_loader.warehouse.views import EVENTS

_VERSIONS = "_firehose_versions"
META = {
    "meta_drops": ("_firehose_drops", DROPS),
    "meta_runs": ("_firehose_runs", RUNS),
    "meta_quarantine": ("_firehose_quarantine", QUARANTINE),
    "meta_duplicates": ("_firehose_duplicates", DUPLICATES),
    "meta_digests": ("_firehose_digests", DIGESTS),
    "meta_schemas": ("_firehose_schemas", SCHEMAS),
    "meta_archive": ("_firehose_archive", ARCHIVE),
    "meta_keys": ("_firehose_keys", KEYS),
    "meta_alerts": ("_firehose_alerts", ALERTS),
    "meta_forgotten": ("_firehose_forgotten", FORGOTTEN),
    "meta_retention": ("_firehose_retention", RETENTION),
    "meta_expired": ("_firehose_expired", EXPIRED),
    "meta_claims": ("_firehose_claims", CLAIMS),
    "meta_versions": (_VERSIONS, ("version", "loader_version", "since")),
}
"""The statements that make them, with their names and their columns."""


class Step(Struct, frozen=True, kw_only=True):
    """What brings one table to the next version.

    Tables that are new in a version need none: what is missing is made as it is today.
    """

    version: int
    """Which the tables have once all of its steps are done."""
    statement: str
    """Safe to repeat: where DDL commits by itself, an upgrade may break off between two steps."""
    table: str
    before: tuple[str, ...]
    """The columns that the table had until then."""


STEPS: Sequence[Step] = (
    Step(
        version=2,
        statement="upgrade_2_costs",
        table="_firehose_runs",
        before=(
            *("run_id", "started_at", "finished_at", "status", "exit_code", "loader_version"),
            "summary",
        ),
    ),
    Step(
        version=3,
        statement="upgrade_3_expired",
        table="_firehose_drops",
        before=DROPS[:-1],
    ),
)
"""In the order of their versions. Tables from before versions were noted count as version 1."""
OLDEST = 1
VERSION = max(step.version for step in STEPS)
"""Of the tables as this loader makes and reads them."""


class OwnTables:
    """The loader's own tables in one schema of a warehouse."""

    def __init__(self, session: Session, tables: EventTables, schema: str, place: str) -> None:
        """Take what reaches them, and what people call the warehouse."""
        self._session = session
        self._tables = tables
        self._schema = schema
        self._where = f"{place}, schema {schema}"
        self._found: TablesVersion | None = None

    def version(self) -> TablesVersion | None:
        """Look up their version; None where there are none."""
        self._found = self._recorded() or self._unrecorded()
        return self._found

    def outdated(self, *, read_only: bool) -> TablesVersion | None:
        """Return their version if it is older than this loader's.

        Raises:
            TablesOutdated: they are older, and nothing may be changed.
            WarehouseUnusable: they are those of a newer loader.
        """
        found = self.version()
        if found is None or found.version == VERSION:
            return None
        if found.version > VERSION:
            raise WarehouseUnusable(
                f"{self._where}: firehose-loader {found.loader_version} made the loader's tables"
                f" version {found.version}, and this is {__version__}, which knows them up to"
                f" version {VERSION}; nothing was changed. Upgrade it (pip install -U"
                " firehose-loader), or name another [warehouse] url or schema"
            )
        if read_only:
            raise TablesOutdated(
                f"{self._where}: the loader's tables are version {found.version}, and"
                f" firehose-loader {__version__} reads version {VERSION}; the next"
                " firehose-loader run brings them there (docs/operations.md, Upgrading)"
            )
        return found

    def check(self) -> None:
        """Refuse to go on where a table or view under one of our names is not ours.

        Raises:
            SchemaError.
        """
        done = self._found.version if self._found else OLDEST
        there = self._tables.all_columns()
        for table, columns in META.values():
            earlier = {step.before for step in STEPS if step.table == table and step.version > done}
            if tuple(there.get(table, ())) not in {(), columns, *earlier}:
                raise foreign(self._schema, table)
        view = there.get(EVENTS)
        if view and "rest" not in view:
            raise foreign(self._schema, EVENTS)

    def through(self, session: Session, tables: EventTables) -> OwnTables:
        """Return the same tables as another session reaches them."""
        other = copy(self)
        other._session, other._tables = session, tables  # noqa: SLF001 - a copy of this one
        return other

    def make(self) -> None:
        """Make those that are missing."""
        list(self.define())
        self._tables.forget()

    def define(self) -> Iterator[str]:
        """Bring each to what it is today; yield the names of those for which that took anything."""
        done = self._found.version if self._found else OLDEST
        there = self._tables.all_columns()
        for statement, (table, columns) in META.items():
            found = tuple(there.get(table, ()))
            if found == columns:
                continue
            if not found:
                self._session.run(statement, table=self._tables.qualified(table))
            for step in STEPS if found else ():
                if step.table == table and step.version > done:
                    self._session.run(step.statement, table=self._tables.qualified(table))
            yield table

    def note(self) -> None:
        """Note their version, last of all; what is noted stays."""
        if self._found is not None and self._found.version == VERSION:
            return
        self._session.run(
            "versions_add",
            {"version": VERSION, "loader_version": __version__, "now": datetime.now(UTC)},
            table=self._tables.qualified(_VERSIONS),
        )

    def upgrade(self) -> None:
        """Bring older ones to this loader's version; what is done already is not done again.

        Raises:
            SchemaError: one of them is not ours; nothing was changed.
        """
        self.check()
        self.make()
        self.note()

    def _recorded(self) -> TablesVersion | None:
        if not self._tables.columns(_VERSIONS):
            return None
        rows = self._session.run("versions_last", table=self._tables.qualified(_VERSIONS))
        for version, loader_version, since in cast("list[tuple[int, str, datetime]]", rows):
            return TablesVersion(version=version, loader_version=loader_version, since=since)
        return None

    def _unrecorded(self) -> TablesVersion | None:
        if not self._tables.columns("_firehose_drops"):
            return None
        return TablesVersion(version=OLDEST, loader_version=None, since=None)
