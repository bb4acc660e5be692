"""INSERT, UPDATE, DELETE and MERGE."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlglot import exp

from tests.snowflake_server.refusals import DUPLICATE_ROWS, Refused
from tests.snowflake_server.results import Result, changed
from tests.snowflake_server.statements import bound, sql

_DONE = {"INSERT": "inserted", "UPDATE": "updated", "DELETE": "deleted"}


def change(connection: Any, tree: exp.Expression, rows: list[list[object]]) -> Result:  # noqa: ANN401
    """Carry out a translated statement, once for each row of values."""
    if tree.args.get("overwrite"):
        tree = tree.copy()
        tree.set("overwrite", None)
        target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        connection.execute(f"DELETE FROM {sql(target)}")
    text = sql(tree)
    count = sum(connection.execute(text, bound(tree, row)).fetchone()[0] for row in rows)
    done = {exp.Insert: "inserted", exp.Update: "updated", exp.Delete: "deleted"}[type(tree)]
    return changed(**{done: count})


def merge(connection: Any, tree: exp.Expression, values: list[object]) -> Result:  # noqa: ANN401
    """Carry out a translated MERGE, with DuckDB's own.

    Raises:
        Refused: several rows of the source would change one of the target.
    """
    tree = _unqualified(tree)
    double = _doubly_matched(tree)
    if double and connection.execute(sql(double), bound(double, values)).fetchone() is not None:
        raise Refused(DUPLICATE_ROWS, "Duplicate row detected during DML action")
    tree.set("returning", exp.Returning(expressions=[exp.column("merge_action")]))
    actions = connection.execute(sql(tree), bound(tree, values)).fetchall()
    counts = Counter(_DONE[action] for (action,) in actions)
    clauses = {_clause(when) for when in _whens(tree)}
    return changed(**{done: counts[done] for action, done in _DONE.items() if action in clauses})


def _unqualified(tree: exp.Expression) -> exp.Expression:
    """Return a MERGE whose assignments name the target's columns alone."""
    tree = tree.copy()
    for when in _whens(tree):
        then = when.args["then"]
        for assignment in then.expressions if isinstance(then, exp.Update) else ():
            assignment.this.set("table", None)
    return tree


def _doubly_matched(tree: exp.Expression) -> exp.Expression | None:
    """Return a query for a target row that several rows of the source change."""
    target, source = tree.this, tree.args["using"]
    conditions = [
        when.args["condition"].copy() if when.args.get("condition") else exp.true()
        for when in _whens(tree)
        if when.args.get("matched")
    ]
    if not conditions:
        return None
    name = target.alias_or_name
    return (
        exp.select("1")
        .from_(target.copy())
        .join(source.copy(), on=tree.args["on"].copy())
        .where(exp.or_(*conditions))
        .group_by(exp.column("rowid", table=exp.to_identifier(name, quoted=True)))
        .having("count(*) > 1")
        .limit(1)
    )


def _whens(tree: exp.Expression) -> list[exp.Expression]:
    whens = tree.args["whens"]
    return list(whens.expressions if isinstance(whens, exp.Whens) else whens)


def _clause(when: exp.Expression) -> str:
    then = when.args["then"]
    return str(then.name if isinstance(then, exp.Var) else then.key).upper()
