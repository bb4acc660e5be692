"""Macros of the engine come when a statement first uses them."""

from __future__ import annotations

import re
from contextlib import suppress

import duckdb
import pytest

from firehose_loader.engine import Engine
from firehose_loader.statements import statement_names

NAMES = [
    name.removeprefix("macro_")
    for name in statement_names("duckdb")
    if name.startswith("macro_") and name != "macro_said_of_many"
]


def _ask(engine: Engine, sql: str) -> object:
    engine.define(sql)
    return engine.connection.execute(sql).fetchall()[0][0]


@pytest.mark.parametrize("name", NAMES)
def test_each_comes_with_those_that_it_uses(name: str) -> None:
    with duckdb.connect() as connection:
        engine = Engine(connection)

        engine.define(f"SELECT firehose_{name}(x)")

        there = dict(
            connection.execute(
                "SELECT function_name, macro_definition FROM duckdb_functions()"
                " WHERE function_name LIKE 'firehose%'"
            ).fetchall()
        )
        used = {word for text in there.values() for word in re.findall(r"\bfirehose_\w+", text)}
        assert f"firehose_{name}" in there
        assert used <= there.keys()


def test_what_went_with_a_rollback_comes_again() -> None:
    with duckdb.connect() as connection:
        engine = Engine(connection)

        with suppress(KeyError), engine.transaction():
            assert _ask(engine, "SELECT firehose_integer('12')") == 12
            raise KeyError

        assert _ask(engine, "SELECT firehose_integer('12')") == 12


def test_the_one_for_many_rows_stays_until_the_plain_one_is_asked_for() -> None:
    with duckdb.connect() as connection:
        engine = Engine(connection)
        shown = "SELECT macro_definition FROM duckdb_functions() WHERE function_name = ?"

        def said() -> object:
            engine.define("SELECT firehose_said('x')")
            return connection.execute(shown, ["firehose_said"]).fetchall()

        plain = said()
        engine.run("macro_said_of_many")
        of_many = said()
        engine.run("macro_said")

        assert of_many != plain
        assert said() == plain
