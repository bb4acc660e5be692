"""Names as Snowflake takes them: in capitals unless they are quoted, and then exactly so.

DuckDB finds a table or column however its name is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

    def check(self, tree: exp.Expression, made: int) -> None:
        """Refuse a statement that names something in the wrong case.

        Args:
            tree: the statement.
            made: rises whenever something is made or altered.
        """
        if made != self._made:
            self._read()
            self._made = made
        known = set(_given(tree))
        for named in tree.find_all(exp.Table):
            known |= self._columns_of(named, known)
        folded = {name.casefold() for name in known}
        for column in tree.find_all(exp.Column):
            name = _as_written(column.this)
            if name not in known and name.casefold() in folded:
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
