"""What every warehouse does with the tables of another version of the loader."""

from __future__ import annotations

from pathlib import Path

import pytest

from firehose_loader import __version__
from firehose_loader.errors import EngineError, ExitCode, TablesOutdated, WarehouseUnusable
from firehose_loader.model import RowCounts
from firehose_loader.warehouse.own_tables import META, VERSION
from firehose_loader.warehouse.sql_warehouse import SqlWarehouse
from tests.feed import Feed, csv_drop
from tests.rigs.warehouses import DuckDBRig, Row, WarehouseRig
from tests.upgrades import DROPS, kept, restore

OPENS = (DROPS / "opens.csv").read_text(encoding="utf-8").splitlines()


@pytest.fixture(params=kept("duckdb"))
def name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def old(place: WarehouseRig, name: str) -> WarehouseRig:
    """A warehouse as an earlier loader left it."""
    restore(place, dialect_of(place), name)
    return place


def dialect_of(place: WarehouseRig) -> str:
    return "duckdb" if place.name == "duckdb" else "snowflake"


def shapes(place: WarehouseRig) -> dict[str, list[object]]:
    """Return the columns of the loader's own tables, with their types."""
    tables = ", ".join(f"'{table}'" for table, _ in META.values())
    found: dict[str, list[object]] = {}
    for row in place.execute(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        f" WHERE lower(table_name) IN ({tables}) ORDER BY table_name, ordinal_position"
    ):
        column = row["column_name"], row["data_type"], row["is_nullable"]
        found.setdefault(str(row["table_name"]).lower(), []).append(column)
    return found


def everything(place: WarehouseRig) -> dict[str, list[Row]]:
    return {
        table: sorted(place.execute(f'SELECT * FROM {{schema}}."{table}"'), key=repr)
        for table in place.tables()
    }


def content(place: WarehouseRig) -> object:
    """Return all that is there, also of a place that is closed."""
    return place.path.read_bytes() if isinstance(place, DuckDBRig) else everything(place)


def test_every_version_is_kept_of_every_dialect() -> None:
    assert list(kept("duckdb")) == list(kept("snowflake"))
    assert {int(float(name)) for name in kept("duckdb")} == set(range(1, VERSION + 1))


def test_older_tables_become_as_those_made_today_and_keep_their_rows(
    old: WarehouseRig, another_place: WarehouseRig
) -> None:
    before = everything(old)
    another_place.warehouse.prepare()

    warehouse = old.reopen()
    warehouse.prepare()

    assert shapes(old) == shapes(another_place)
    found = warehouse.tables_version()
    assert found is not None
    assert (found.version, found.loader_version) == (VERSION, __version__)
    after = everything(old)
    for table, rows in before.items():
        stayed = after[table][: len(rows)]
        assert [row | old_row for row, old_row in zip(stayed, rows, strict=True)] == stayed
        newer = int(table == "_firehose_versions" and rows[-1]["version"] != VERSION)
        assert len(after[table]) == len(rows) + newer
    assert warehouse.status([]).tables_version == found
    (run,) = warehouse.runs(limit=2)
    assert run.costs == before["_firehose_runs"][0].get("costs")


def test_what_an_older_loader_loaded_is_known_again_and_can_be_taken_out(
    old: WarehouseRig, tmp_path: Path
) -> None:
    old.reopen()
    feed = Feed(old, tmp_path)
    before = feed.rows()

    again = feed.load(csv_drop("again", OPENS[0], OPENS[2:4]), csv_drop("new", OPENS[0], OPENS[:0]))

    assert again.events == {"email.open": RowCounts(parsed=2, identical=2)}
    assert feed.rows() == before
    assert feed.undo_all().removed == 4


def test_an_upgrade_that_fails_at_any_statement_is_done_by_the_next(
    place: WarehouseRig, name: str
) -> None:
    place.execute("CREATE SCHEMA {schema}")
    warehouse = place.reopen()
    assert isinstance(warehouse, SqlWarehouse)
    restore(place, dialect_of(place), name)
    number = 0
    while True:
        warehouse._tables.forget()
        with place.failing(number) as seen:
            try:
                warehouse.settle_version(read_only=False)
            except EngineError:
                pass
            else:
                break
        assert len(seen) == number + 1
        number += 1

    assert number >= 2
    found = place.reopen().tables_version()
    assert found is not None
    assert found.version == VERSION
    noted = [row["version"] for row in place.execute('SELECT * FROM {schema}."_firehose_versions"')]
    assert noted.count(VERSION) == 1


def test_who_only_looks_at_older_tables_is_told_what_brings_them_up(place: WarehouseRig) -> None:
    restore(place, dialect_of(place), next(kept("duckdb")))
    before = everything(place)

    with pytest.raises(TablesOutdated, match=r"are version 1, .* the next firehose-loader run"):
        place.reopen(read_only=True)

    place.reopen()
    assert {table: len(rows) for table, rows in everything(place).items() if table in before} == {
        table: len(rows) for table, rows in before.items()
    }


@pytest.mark.parametrize("read_only", [False, True])
def test_newer_tables_are_refused_and_left_alone(place: WarehouseRig, *, read_only: bool) -> None:
    place.warehouse.prepare()
    newer = VERSION + 1
    place.execute(
        "INSERT INTO {schema}.\"_firehose_versions\" SELECT version + 1, '9.9', since"
        ' FROM {schema}."_firehose_versions"'
    )
    place.warehouse.close()
    before = content(place)

    with pytest.raises(
        WarehouseUnusable,
        match=rf"firehose-loader 9\.9 made .* version {newer}, .* up to version {VERSION}; nothing",
    ) as caught:
        place.reopen(read_only=read_only)

    assert caught.value.exit_code is ExitCode.FATAL
    assert content(place) == before
