"""Names as Snowflake takes them: in capitals unless they are quoted, and then exactly so.

DuckDB finds a table or column however its name is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from tests.snowflake_server.locks import Table
from tests.snowflake_server.refusals import NOT_THERE, UNKNOWN_NAME, Refused

_OF_FLATTEN = {"SEQ", "KEY", "PATH", "INDEX", "VALUE", "THIS"}


class Names:
    """The tables and columns that a session sees, as they were named when they were made."""

    def __init__(self, connection: Any, table: Callable[[exp.Table], Table]) -> None:  # noqa: ANN401
        """Take the session's engine, and how it finds out which table a name means."""
        self._connection = connection
        self._table = table
        self._columns: dict[Table, frozenset[str]] = {}
        self._made = -1

    def check(self, tree: exp.Expression, text: str, made: int) -> None:
        """Refuse a statement that names something in the wrong case.

        Args:
            tree: the statement.
            text: the same as it was sent.
            made: rises whenever something is made or altered.
        """
        if made != self._made:
            self._read()
            self._made = made
        found = _found(tree, text)
        known = set(found.given)
        for named in found.tables:
            known |= self._columns_of(named, known)
        if not (strange := found.columns.keys() - known):
            return
        folded = {name.casefold() for name in known}
        for name in found.columns:
            if name in strange and name.casefold() in folded:
                column = found.columns[name]
                raise Refused(
                    UNKNOWN_NAME, f"SQL compilation error: invalid identifier '{column.sql()}'"
                )

    def _columns_of(self, named: exp.Table, known: set[str]) -> frozenset[str]:
        if not isinstance(named.this, exp.Identifier) or _as_written(named.this) in known:
            return frozenset()  # a function, or a subquery's name
        table = self._table(named)
        if table in self._columns:
            return self._columns[table]
        spelled = tuple(part.casefold() for part in table)
        if any(tuple(part.casefold() for part in other) == spelled for other in self._columns):
            raise Refused(
                NOT_THERE,
                f"SQL compilation error: Object '{'.'.join(table)}' does not exist or not"
                " authorized.",
            )
        return frozenset()

    def _read(self) -> None:
        rows = self._connection.execute(
            "SELECT database_name, schema_name, table_name, list(column_name)"
            " FROM duckdb_columns() WHERE NOT internal GROUP BY ALL"
        ).fetchall()
        here = self._table(exp.to_table("here")) if rows else ("", "", "")
        self._columns = {
            # Tables for the session alone lie in one place, whatever schema was current.
            (*here[:2], name) if database == "temp" else (database, schema, name): frozenset(
                columns
            )
            for database, schema, name, columns in rows
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a statement names."""

    given: frozenset[str]
    tables: tuple[exp.Table, ...]
    columns: dict[str, exp.Column]
    """One of each name, in order."""


_statements: dict[str, _Found] = {}


def _found(tree: exp.Expression, text: str) -> _Found:
    """Return what a statement names, which is looked for once."""
    if text in _statements:
        return _statements[text]
    columns: dict[str, exp.Column] = {}
    for column in tree.find_all(exp.Column):
        columns.setdefault(_as_written(column.this), column)
    found = _statements[text] = _Found(
        given=frozenset(_given(tree)),
        tables=tuple(tree.find_all(exp.Table)),
        columns=columns,
    )
    return found


def _given(tree: exp.Expression) -> Iterator[str]:
    """Yield the names that a statement gives by itself."""
    yield from _OF_FLATTEN
    for alias in tree.find_all(exp.Alias, exp.TableAlias, exp.ColumnDef):
        for part in (alias.args.get("alias"), alias.this, *(alias.args.get("columns") or ())):
            if isinstance(part, exp.Identifier):
                yield _as_written(part)
    for values in tree.find_all(exp.Values):
        first = values.expressions[0]
        width = len(first.expressions) if isinstance(first, exp.Tuple) else 1
        yield from (f"COLUMN{number}" for number in range(1, width + 1))


def _as_written(identifier: exp.Expression) -> str:
    name = str(identifier.name)
    return name if identifier.args.get("quoted") else name.upper()
