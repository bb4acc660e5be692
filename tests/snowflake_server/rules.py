"""What Snowflake refuses by a statement's form alone, and DuckDB would not."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import duckdb
from sqlglot import exp

from tests.snowflake_server.refusals import NOT_IN_VALUES, SYNTAX, UNKNOWN_FUNCTION, Refused

_SEMI_STRUCTURED = (exp.ParseJSON, exp.Array, exp.Struct, exp.StarMap, exp.VarMap, exp.ObjectAgg)
_TYPE = exp.DataType.Type
_FOREIGN_TYPES = {_TYPE.JSON, _TYPE.UBIGINT, _TYPE.INT128, _TYPE.UINT, _TYPE.STRUCT, _TYPE.LIST}
_SHARED = frozenset(Path(__file__).with_name("functions.txt").read_text("utf-8").split())
"""Functions that Snowflake has, too, among those of DuckDB."""
_NO_CODE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_CALL = re.compile(r"(?<![.\w$])([a-z_]\w*)\s*\(", re.IGNORECASE)


def check_form(text: str, tree: exp.Expression) -> None:
    """Refuse what no table could make right.

    Raises:
        Refused
    """
    for name in _CALL.findall(_NO_CODE.sub("''", text)):
        if name.lower() in _only_of_duckdb():
            raise Refused(
                UNKNOWN_FUNCTION, f"SQL compilation error: Unknown function {name.upper()}"
            )
    _check_parts(tree)
    for values in tree.find_all(exp.Values):
        for found in values.find_all(*_SEMI_STRUCTURED):
            raise Refused(
                NOT_IN_VALUES,
                "SQL compilation error: Invalid expression"
                f" [{found.sql(dialect='snowflake')}] in VALUES clause",
            )


def _check_parts(tree: exp.Expression) -> None:
    for kind in tree.find_all(exp.DataType):
        if kind.this in _FOREIGN_TYPES:
            raise Refused(SYNTAX, f"SQL compilation error: Unsupported data type '{kind.sql()}'.")
    for join in tree.find_all(exp.Join):
        if join.kind in {"SEMI", "ANTI"} or join.method in {"ASOF", "POSITIONAL"}:
            raise Refused(SYNTAX, f"SQL compilation error: syntax error: unexpected '{join.kind}'.")


@lru_cache(maxsize=1)
def _only_of_duckdb() -> frozenset[str]:
    """Return the names of functions that DuckDB has and Snowflake has not."""
    with duckdb.connect() as engine:
        found = engine.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()
    return frozenset(name for (name,) in found) - _SHARED
