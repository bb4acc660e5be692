"""A session: one statement after the other."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlglot import exp

from tests.snowflake_server.account import Account
from tests.snowflake_server.changing import change, merge
from tests.snowflake_server.copied import with_copies
from tests.snowflake_server.copying import taken_apart
from tests.snowflake_server.defining import define
from tests.snowflake_server.history import Past, is_asked, with_history
from tests.snowflake_server.lengths import forget_lengths
from tests.snowflake_server.loading import Load
from tests.snowflake_server.locks import Table
from tests.snowflake_server.names import Names
from tests.snowflake_server.refusals import DDL_IN_TRANSACTION, NO_WAREHOUSE, Refused
from tests.snowflake_server.results import Result, changed, done, selected
from tests.snowflake_server.rights import check_definition, check_schema, may_use, shown, wake
from tests.snowflake_server.scanned import is_scan, with_answer
from tests.snowflake_server.stages import listed, removed
from tests.snowflake_server.statements import (
    LOCKS,
    Kind,
    Statement,
    Translator,
    bound,
    parsed,
    sql,
)
from tests.snowflake_server.transaction import Step, Transaction
from tests.snowflake_server.transforming import Transform

Values = list[list[object]]
_HALF_A_DAY = 43_200
_SETTING = re.compile(r"(?i)(\w+)\s*=\s*('(?:[^']|'')*'|[^\s,]+)")

_MACROS = (
    # Members in one order, so that equal objects are equal texts.
    r"""CREATE OR REPLACE TEMP MACRO object_pick(o, names) AS (
        '{' || array_to_string(list_transform(
            list_sort(list_intersect(json_keys(o), to_json(names)::VARCHAR[])),
            lambda name: to_json(name) || ':' || json_extract(
                o, '/' || replace(replace(name, '~', '~0'), '/', '~1')
            )
        ), ',') || '}'
    )::JSON""",
    """CREATE OR REPLACE TEMP MACRO variant_type(v) AS CASE json_type(v)
        WHEN 'UBIGINT' THEN 'INTEGER' WHEN 'BIGINT' THEN 'INTEGER' WHEN 'DOUBLE' THEN 'DECIMAL'
        WHEN 'NULL' THEN 'NULL_VALUE' ELSE json_type(v)
    END""",
)
"""Functions of Snowflake that fakesnow does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody who signs in asks for; empty where it is nothing, or is not there."""

    user: str
    role: str
    warehouse: str
    database: str
    schema: str


class Session:
    """What one user who signed in does, one statement at a time."""

    def __init__(self, account: Account, wishes: Wishes) -> None:
        self.account = account
        self.number = account.next_number()
        self.user, self.role, self.warehouse = wishes.user, wishes.role, wishes.warehouse
        if not may_use(account.grants.get(self.role), self.warehouse):
            self.warehouse = ""
        self.settings: dict[str, str] = {}
        """Session parameters."""
        self._connection = account.engine.connect(wishes.database or None, wishes.schema or None)
        self.engine: Any = self._connection._duck_conn
        for macro in _MACROS:
            self.engine.execute(macro)
        self.transaction = Transaction(
            account,
            self.number,
            self.engine,
            patience=lambda: float(self.settings.get("LOCK_TIMEOUT", _HALF_A_DAY)),
        )
        self._names = Names(self.engine, self.table)
        self._guard = threading.Lock()
        self._past: list[Past] = []
        self._last: Result | None = None
        """The answer to the last statement."""

    @property
    def database(self) -> str:
        """The current database; empty where there is none."""
        return self._connection.database or ""

    @property
    def schema(self) -> str:
        """The current schema; empty where there is none."""
        return self._connection.schema or ""

    @property
    def autocommit(self) -> bool:
        """Whether a statement outside of a transaction is one of its own."""
        return self.settings.get("AUTOCOMMIT", "true").lower() != "false"

    def execute(self, text: str, values: Values) -> Result:
        """Carry out a statement. What is refused changed nothing; an open transaction goes on."""
        with self._guard:
            if is_asked(text):
                text = with_history(self.engine, text, self._past)
                self.account.made += 1
            if is_scan(text):
                text = with_answer(self.engine, text, self._last)
                self.account.made += 1
            statement = parsed(with_copies(self, text))
            if statement.needs_warehouse and not self.warehouse:
                raise Refused(
                    NO_WAREHOUSE,
                    "No active warehouse selected in the current session. Select an active"
                    " warehouse with the 'use warehouse' command.",
                )
            if statement.needs_warehouse:
                wake(self)
            self._last = self._execute(statement, values)
            return self._last

    def described(self, text: str) -> Result:
        """Tell what a statement would give, as the driver asks before a batch."""
        with self._guard:
            statement = parsed(text)
            inserts = statement.kind is Kind.INSERT
            binds = [] if statement.tree is None else statement.tree.find_all(exp.Placeholder)
            answer = changed(inserted=0) if inserts else done()
            told = {"numberOfBinds": len(list(binds)), "arrayBindSupported": inserts}
            return Result(data={**answer.data, **told, "rowset": [], "total": 0, "returned": 0})

    def note(self, text: str, query_id: str, tag: str) -> None:
        """Put a statement that was carried out into the history."""
        needs_warehouse = parsed(text).needs_warehouse
        warehouse = self.warehouse if needs_warehouse else ""
        self._past.append(Past(query_id=query_id, tag=tag, warehouse=warehouse))

    def close(self) -> None:
        """Roll back what is not committed, and end."""
        self.account.locks.cancel(self.number)
        with self._guard:
            self.transaction.roll_back()
            self._connection.close()

    def translator(self) -> Translator:
        """Return the way to DuckDB's statements, for the current database and schema."""
        return Translator(self._connection, self.engine)

    def translated(self, tree: exp.Expression, *, text: str = "") -> exp.Expression:
        """Return a statement for DuckDB; see ``Translator.translated``."""
        return self.translator().translated(tree, self._told, text=text)

    def table(self, named: exp.Table) -> Table:
        """Return which table a name means here."""
        parts = [
            part.name if part.args.get("quoted") else part.name.upper()
            for part in (named.args.get("catalog"), named.args.get("db"), named.this)
            if part
        ]
        database, schema, name = [self.database, self.schema][: 3 - len(parts)] + parts
        return database, schema, name

    def has(self, table: Table) -> bool:
        """Tell whether a table is there."""
        found = self.engine.execute(
            "SELECT 1 FROM duckdb_tables() WHERE (database_name, schema_name, table_name)"
            " = (?, ?, ?)",
            list(table),
        )
        return found.fetchone() is not None

    def _execute(self, statement: Statement, values: Values) -> Result:
        match statement.kind:
            case Kind.BEGIN:
                self.transaction.begin()
            case Kind.COMMIT:
                self.transaction.commit()
            case Kind.ROLLBACK:
                self.transaction.roll_back()
            case Kind.SET_SESSION:
                self._set(statement.text)
            case Kind.LIST | Kind.REMOVE:
                return self._tidy(statement)
            case Kind.DDL:
                return self._define(statement, values[0] if values else [])
            case Kind.OTHER:
                return self._other(statement)
            case _:
                return self._work(statement, values)
        return done()

    def _work(self, statement: Statement, values: Values) -> Result:
        """Query, or change rows."""
        step, target = self._prepared(statement, values)
        return self.transaction.run(
            step,
            changes=target,
            locks=statement.kind in LOCKS,
            autocommit=self.autocommit,
        )

    def _prepared(self, statement: Statement, values: Values) -> tuple[Step, Table | None]:
        """Return what is to be done, and the table that it changes."""
        if statement.kind is Kind.COPY:
            copy = taken_apart(statement.text)
            place = self.account.stages.place(copy.place, self.database, self.schema)
            target = self.table(exp.to_table(copy.table, dialect="snowflake"))
            known = self.account.loaded.setdefault(target, {})
            if copy.select is None:
                load = Load(copy, place, target, known)
            else:
                load = Transform(copy, place, target, known, self.translated)
            return partial(load.run, self.engine, self.transaction.note_on_commit), target
        assert statement.tree is not None
        self._names.check(statement.tree, statement.text, self.account.made)
        tree = self.translated(statement.tree, text=statement.text)
        if statement.kind is Kind.QUERY:
            return partial(self._select, tree, values), None
        target = self.table(statement.target)
        if statement.kind is Kind.MERGE:
            return partial(merge, self.engine, tree, values[0] if values else []), target
        return partial(change, self.engine, tree, values or [[]]), target

    def _select(self, tree: exp.Expression, values: Values) -> Result:
        self.engine.execute(sql(tree), bound(tree, values[0] if values else []))
        return selected(self.engine)

    def _tidy(self, statement: Statement) -> Result:
        reference = statement.text.split(None, 1)[1]
        place = self.account.stages.place(reference, self.database, self.schema)
        return listed(place) if statement.kind is Kind.LIST else removed(place)

    def _define(self, statement: Statement, values: list[object]) -> Result:
        if self.transaction.is_open:
            raise Refused(
                DDL_IN_TRANSACTION,
                f"this would commit the open transaction: {statement.text[:200]}",
            )
        check_definition(self, statement.text)
        with self.account.defining:
            result = define(self, statement, values)
            forget_lengths(self, statement.tree)
        self.account.made += 1
        self.account.committed()
        return result

    def _other(self, statement: Statement) -> Result:
        if (answer := shown(self, statement.text)) is not None:
            return answer
        if match := re.match(r"(?i)use\s+schema\s+(\S+)", statement.text):
            check_schema(self, match[1].strip('"'))
        if match := re.match(r"(?i)use\s+(role|warehouse|secondary)\s+(\S+)", statement.text):
            if match[1].lower() != "secondary":
                setattr(self, match[1].lower(), match[2].strip('"').upper())
            return done()
        if match := re.match(r"(?i)desc(?:ribe)?\s+stage\s+(\S+)", statement.text):
            return self.account.stages.describe(match[1], self.database, self.schema)
        return self.translator().carried_out(statement.tree)

    def _set(self, text: str) -> None:
        unset = re.match(r"(?i)alter\s+session\s+unset\s+", text)
        if unset:
            for name in re.findall(r"\w+", text[unset.end() :]):
                self.settings.pop(name.upper(), None)
        for name, value in _SETTING.findall(text):
            self.settings[name.upper()] = value.strip("'").replace("''", "'")

    def _told(self, name: str) -> str | None:
        """Return what a function without arguments says of the session; None if it is another."""
        return {
            "CURRENT_WAREHOUSE": self.warehouse,
            "CURRENT_ROLE": self.role,
            "CURRENT_DATABASE": self.database,
            "CURRENT_SCHEMA": self.schema,
            "CURRENT_ACCOUNT": self.account.name,
            "CURRENT_USER": self.user,
            "CURRENT_SESSION": str(self.number),
            "CURRENT_TRANSACTION": str(self.number) if self.transaction.is_open else "",
        }.get(name)
