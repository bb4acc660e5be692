"""The lengths that columns of text were declared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from tests.snowflake_server.loading import quoted, written
from tests.snowflake_server.locks import Table
from tests.snowflake_server.refusals import TOO_LONG, Refused

if TYPE_CHECKING:
    from tests.snowflake_server.account import Account
    from tests.snowflake_server.session import Session

_UNBOUNDED = 16_777_216


def check_lengths(account: Account, connection: Any, table: Table) -> None:  # noqa: ANN401
    """Refuse texts that are longer than their column.

    Raises:
        Refused
    """
    if (declared := account.lengths.get(table)) is None:
        with account.defining:
            declared = account.lengths[table] = _declared(connection, table)
    if not declared:
        return
    name = written(connection, table)
    too_long = {quoted(column): f"length({quoted(column)}) > {most}" for column, most in declared}
    any_of_them = " OR ".join(too_long.values())
    if connection.execute(f"SELECT 1 FROM {name} WHERE {any_of_them} LIMIT 1").fetchone() is None:
        return
    for column, condition in too_long.items():
        found = connection.execute(
            f"SELECT {column} FROM {name} WHERE {condition} LIMIT 1"
        ).fetchone()
        if found is not None:
            raise Refused(TOO_LONG, f"String '{found[0][:40]}' is too long and would be truncated")


def forget_lengths(session: Session, tree: exp.Expression | None) -> None:
    """Have the lengths be looked up anew, of what a definition was about: of one table, or all."""
    is_one = isinstance(tree, exp.Create | exp.Drop) and tree.args.get("kind") == "TABLE"
    if tree is not None and is_one:
        session.account.lengths.pop(session.table(tree.find(exp.Table)), None)
    else:
        session.account.lengths.clear()


def _declared(connection: Any, table: Table) -> list[tuple[str, int]]:  # noqa: ANN401 - likewise
    found: list[tuple[str, int]] = connection.execute(
        "SELECT ext_column_name, ext_character_maximum_length"
        " FROM _fs_global._fs_information_schema._fs_columns_ext"
        " WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?"
        f" AND ext_character_maximum_length < {_UNBOUNDED}",
        list(table),
    ).fetchall()
    return found
