"""What Snowflake refuses by a statement's form alone, and DuckDB would not."""

from __future__ import annotations

from sqlglot import exp

from tests.snowflake_server.refusals import NOT_IN_VALUES, Refused

_SEMI_STRUCTURED = (
    exp.ParseJSON,
    exp.Array,
    exp.Struct,
    exp.StarMap,
    exp.VarMap,
)


def check_form(tree: exp.Expression) -> None:
    """Refuse what no table could make right.

    Raises:
        Refused
    """
    for values in tree.find_all(exp.Values):
        for found in values.find_all(*_SEMI_STRUCTURED):
            raise Refused(
                NOT_IN_VALUES,
                "SQL compilation error: Invalid expression"
                f" [{found.sql(dialect='snowflake')}] in VALUES clause",
            )
