"""Rows of Snowflake's on their way into the engine, where files are held against them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from firehose_loader.engine import Engine, columns_of
from firehose_loader.schema.model import FieldType
from firehose_loader.statements import quoted
from firehose_loader.warehouse.accounts import DUPLICATES, EXPIRED, QUARANTINE, Accounts
from firehose_loader.warehouse.ddl import SPELLINGS, Qualified
from firehose_loader.warehouse.evidence import SqlEvidence
from firehose_loader.warehouse.snowflake_session import SnowflakeSession

_HERE = SPELLINGS["duckdb"]
_TEXT = "VARCHAR"
_ACCOUNT = {
    "drop_id": _TEXT,
    "row_no": "BIGINT",
    "place": _TEXT,
    "table_name": _TEXT,
    "event_key": "UUID",
    "fate": _TEXT,
    "event_there": "BOOLEAN",
    "event_type": _TEXT,
    "schema_version": _TEXT,
    "reason": _TEXT,
    "field": _TEXT,
    "state": _TEXT,
    "raw_hash": _TEXT,
    "held_id": _TEXT,
}
_RESCUED = "brought_rescued"


class Bringer:
    """Copies what a statement gives into temporary tables of the engine."""

    def __init__(self, session: SnowflakeSession, engine: Engine) -> None:
        self._session = session
        self.engine = engine

    def begin(self, table: str, types: Mapping[str, str]) -> None:
        """Make a table of the engine anew, with these types by column."""
        definitions = ", ".join(f"{quoted(name)} {kind}" for name, kind in types.items())
        self.engine.run("brought_begin", table=table, definitions=definitions)

    def bring(
        self,
        into: str,
        types: Mapping[str, str],
        statement: str,
        parameters: Mapping[str, object] | None = None,
        **fragments: str,
    ) -> None:
        """Put the rows of a statement into a table, whose columns are those of the statement."""
        cells = ", ".join(f"cell[{at}]::{kind}" for at, kind in enumerate(types.values(), start=1))
        for rows in self._session.portions(statement, parameters, **fragments):
            texts = [[_text(value) for value in row] for row in rows]
            self.engine.run("brought_add", {"rows": texts}, table=into, cells=cells)


class BroughtAccounts(Accounts):
    """What accounts for rows lies elsewhere than the engine that holds files against it."""

    def __init__(
        self,
        session: SnowflakeSession,
        engine: Engine,
        qualified: Qualified,
        tables: Mapping[str, Mapping[str, FieldType | None]],
    ) -> None:
        """Take the event tables that there are, with their columns."""
        super().__init__(session, qualified, tables)
        self._columns = tables
        self._bringer = Bringer(session, engine)

    def bring(self, drop_ids: Collection[str]) -> None:
        ids = {"drop_id": list(drop_ids)}
        duplicates = self._qualified(DUPLICATES)
        self._bringer.begin("audit_accounts", _ACCOUNT)
        self._add("accounts_duplicates", ids, duplicates=duplicates)
        self._add("accounts_held", ids, quarantine=self._qualified(QUARANTINE))
        rows = self._session.run("accounts_expired", ids, expired=self._qualified(EXPIRED))
        ranges = columns_of(rows, ("drop_id", "first_row", "last_row"))
        self._bringer.engine.run("brought_expired", ranges)
        for table in self._tables:
            named = {**ids, "table_name": table}
            place = self._qualified(table)
            self._add("accounts_table", named, table=place)
            found = self._session.run("accounts_there", named, table=place, duplicates=duplicates)
            there = {"table_name": table, "event_key": [key for (key,) in found]}
            self._bringer.engine.run("brought_there", there)

    def bring_events(self, table: str, drop_ids: Collection[str]) -> None:
        kinds = self._columns[table]
        types = {name: _HERE.types[kind] if kind else _TEXT for name, kind in kinds.items()}
        there = self._qualified.spelling
        columns = [
            f"TO_JSON({there.column(name)})" if kind is FieldType.JSON else there.column(name)
            for name, kind in kinds.items()
        ]
        self._bringer.begin("audit_events", types)
        self._bringer.bring(
            "audit_events",
            types,
            "accounts_events",
            {"drop_id": list(drop_ids)},
            table=self._qualified(table),
            columns=", ".join(columns),
        )

    def _add(self, statement: str, parameters: Mapping[str, object], **fragments: str) -> None:
        self._bringer.bring("audit_accounts", _ACCOUNT, statement, parameters, **fragments)


class BroughtEvidence(SqlEvidence):
    """The texts in ``_rescued`` are judged by the engine."""

    def __init__(
        self,
        session: SnowflakeSession,
        engine: Engine,
        qualified: Qualified,
        table: str,
    ) -> None:
        super().__init__(session, qualified, table)
        self._bringer = Bringer(session, engine)

    def rescued(self) -> str:
        types = {"_rescued": "JSON"}
        self._bringer.begin(_RESCUED, types)
        self._bringer.bring(_RESCUED, types, "review_texts", table=self._table)
        return _RESCUED


def _text(value: object) -> str | None:
    """Return a value as the engine casts it from text."""
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
