"""CREATE, ALTER, DROP and TRUNCATE, as Snowflake carries them out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fakesnow.info_schema import insert_text_lengths_sql
from sqlglot import exp

from tests.snowflake_server.loading import quoted
from tests.snowflake_server.locks import Table
from tests.snowflake_server.results import Result, done
from tests.snowflake_server.statements import Statement, bound, sql

if TYPE_CHECKING:
    from tests.snowflake_server.session import Session

_KEYS = (exp.PrimaryKey, exp.ForeignKey, exp.UniqueColumnConstraint, exp.Constraint, exp.Reference)
_COLUMN_KEYS = (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.Reference)
_LENGTHS = "_fs_global._fs_information_schema._fs_columns_ext"
_OF_TABLE = "ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?"


def define(session: Session, statement: Statement, values: Sequence[object]) -> Result:
    """Carry out a statement that defines something."""
    stages, here = session.account.stages, (session.database, session.schema)
    if re.match(r"(?i)create\s+(or\s+replace\s+)?(temp(orary)?\s+)?stage\b", statement.text):
        return done(stages.create(statement.text, *here))
    if re.match(r"(?i)drop\s+stage\b", statement.text):
        return done(stages.remove_stage(statement.text, *here))
    if re.match(r"(?i)(grant|revoke|comment)\b", statement.text):
        return done()
    tree = statement.tree
    if isinstance(tree, exp.TruncateTable):
        return _truncate(session, tree)
    if isinstance(tree, exp.Create | exp.Drop) and str(tree.args.get("kind")).upper() == "TABLE":
        return _table(session, statement, tree, values)
    return session.translator().carried_out(tree)


def _truncate(session: Session, tree: exp.TruncateTable) -> Result:
    table = session.table(tree.expressions[0])
    if not tree.args.get("exists") or _exists(session.engine, table):
        session.engine.execute(f"TRUNCATE TABLE {'.'.join(quoted(part) for part in table)}")
        session.account.loaded.pop(table, None)
    return done()


def _table(
    session: Session, statement: Statement, tree: exp.Expression, values: Sequence[object]
) -> Result:
    table = session.table(tree.find(exp.Table))
    if isinstance(tree, exp.Create) and tree.args.get("exists") and _exists(session.engine, table):
        return done(f"{table[2]} already exists, statement succeeded.")
    if isinstance(tree, exp.Drop) or tree.args.get("replace"):
        _forget_lengths(session.engine, table)
        session.account.loaded.pop(table, None)
    if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema) and not tree.expression:
        return _from_columns(session, statement, table)
    if isinstance(tree, exp.Create) and isinstance(tree.expression, exp.Query):
        return _from_rows(session, statement, table, values)
    session.account.owners.setdefault(table, session.role)
    result = session.translator().carried_out(_without_keys(tree), values)
    if like := tree.find(exp.LikeProperty, exp.Clone):
        _copy_lengths(session.engine, session.table(like.this), table)
    return result


def _from_columns(session: Session, statement: Statement, table: Table) -> Result:
    """Make a table of columns that are declared: the way of fakesnow is right, and longer."""
    session.account.owners.setdefault(table, session.role)
    tree = session.translated(_without_keys(statement.tree), text=statement.text)
    session.engine.execute(sql(tree))
    if lengths := tree.args.get("text_lengths"):
        session.engine.execute(insert_text_lengths_sql(*table, lengths))
    return done(f"Table {table[2]} successfully created.")


def _from_rows(
    session: Session, statement: Statement, table: Table, values: Sequence[object]
) -> Result:
    """Make a table of what a query gives, which is translated as any other is."""
    session.account.owners.setdefault(table, session.role)
    assert statement.tree is not None
    tree = session.translated(statement.tree, text=statement.text)
    session.engine.execute(sql(tree), bound(tree, values) if values else None)
    return done(f"Table {table[2]} successfully created.")


def _without_keys(tree: exp.Expression) -> exp.Expression:
    """Return a CREATE TABLE whose keys are not enforced; columns of a primary key are NOT NULL."""
    if not isinstance(tree, exp.Create) or not isinstance(tree.this, exp.Schema):
        return tree
    tree = tree.copy()
    schema, kept, primary = tree.this, [], set()
    for part in schema.expressions:
        if isinstance(part, _KEYS):
            for key in part.find_all(exp.PrimaryKey):
                primary |= {column.name for column in key.expressions}
        else:
            kept.append(part)
    for column in (part for part in kept if isinstance(part, exp.ColumnDef)):
        _unkeyed(column, primary)
    schema.set("expressions", kept)
    return tree


def _unkeyed(column: exp.ColumnDef, primary: set[str]) -> None:
    kinds = column.args.get("constraints") or []
    left = [kind for kind in kinds if not isinstance(kind.args.get("kind"), _COLUMN_KEYS)]
    is_key = any(
        isinstance(kind.args.get("kind"), exp.PrimaryKeyColumnConstraint) for kind in kinds
    )
    if is_key or column.name in primary:
        left = [
            kind for kind in left if not isinstance(kind.args["kind"], exp.NotNullColumnConstraint)
        ]
        left.append(exp.ColumnConstraint(kind=exp.NotNullColumnConstraint()))
    column.set("constraints", left)


def _exists(connection: Any, table: Table) -> bool:  # noqa: ANN401 - of the server's environment
    """Tell whether there is a table or view of a name, in this very case."""
    found = connection.execute(
        "SELECT 1 FROM system.information_schema.tables"
        " WHERE table_catalog = ? AND table_schema = ? AND table_name = ?",
        list(table),
    ).fetchone()
    return found is not None


def _forget_lengths(connection: Any, table: Table) -> None:  # noqa: ANN401 - likewise
    """Forget what columns a table had."""
    connection.execute(f"DELETE FROM {_LENGTHS} WHERE {_OF_TABLE}", list(table))


def _copy_lengths(connection: Any, source: Table, target: Table) -> None:  # noqa: ANN401
    """Give the columns of a table that was made like another one its lengths."""
    connection.execute(
        f"INSERT INTO {_LENGTHS} SELECT ?, ?, ?, * EXCLUDE (ext_table_catalog, ext_table_schema,"
        f" ext_table_name) FROM {_LENGTHS} WHERE {_OF_TABLE}",
        [*target, *source],
    )
