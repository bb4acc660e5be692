"""A warehouse of an earlier loader, as somebody meets it who has installed a newer one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from firehose_loader import __version__
from firehose_loader.config import Config
from firehose_loader.errors import WarehouseBusy
from firehose_loader.warehouse import open_warehouse
from firehose_loader.warehouse.own_tables import VERSION
from tests.command import Answer, ask, held, table
from tests.rigs.snowflake import SnowflakeAccount, SnowflakeRig
from tests.upgrades import DROPS, HERE, restore

OLDEST = "1.0"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "events.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        for line in (HERE / "duckdb" / f"{OLDEST}.sql").read_text("utf-8").splitlines():
            connection.execute(line.replace("{schema}", "dotdigital", 1))
    return path


def run(database: Path) -> Answer:
    return ask("run", DROPS, "--into", database, "--json")


def test_a_run_upgrades_and_says_so_and_what_only_looks_says_what_to_do(database: Path) -> None:
    before = ask("status", "--into", database)
    told = ask("doctor", DROPS, "--into", database, "--json")

    first = run(database)
    second = run(database)

    assert before.code == 2
    assert f"are version 1, and firehose-loader {__version__} reads version {VERSION}" in before.err
    assert told.code == 0
    (probe,) = (one for one in told.json["probes"] if one["name"] == "open")
    assert (probe["state"], "are version 1" in probe["found"]) == ("warning", True)
    assert first.code == second.code == 0, first.err
    assert "the loader's own tables were upgraded from version 1" in first.err
    assert "upgraded" not in second.err
    assert [row["version"] for row in table(database, "_firehose_versions")] == [VERSION]
    status = ask("status", "--into", database)
    assert f"the loader's own tables are version {VERSION}" in status.out
    told = ask("status", "--into", database, "--json")
    assert told.json["tables_version"]["version"] == VERSION


def test_tables_of_a_newer_loader_are_refused_in_one_sentence(database: Path) -> None:
    run(database)
    with closing(duckdb.connect(str(database))) as connection:
        connection.execute("UPDATE dotdigital._firehose_versions SET version = 99")

    for words in (("run", DROPS), ("status",), ("undo", "opens.csv", "--yes")):
        refused = ask(*words, "--into", database)
        assert refused.code == 2, words
        assert "version 99" in refused.err
        assert "pip install -U firehose-loader" in refused.err
        assert "Traceback" not in refused.err


def test_an_upgrade_waits_for_the_file_and_then_exits_5(database: Path) -> None:
    with held(database):
        words = ("run", DROPS, "--into", database)
        refused = ask(*words, environ={"FIREHOSE_WAREHOUSE__LOCK_TIMEOUT": "0.2"})

    assert refused.code == 5
    assert "is held by another process" in refused.err


def _snowflake(account: SnowflakeAccount, folder: Path, lock_timeout: float) -> Config:
    target = {"url": account.url(), **account.settings(), "lock_timeout": lock_timeout}
    return Config.model_validate({"warehouse": target, "spool": folder})


@pytest.fixture
def place(account: SnowflakeAccount, tmp_path: Path) -> Iterator[SnowflakeRig]:
    rig = SnowflakeRig("snowflake-double", account, tmp_path)
    restore(rig, "snowflake", OLDEST)
    yield rig
    rig.sign_out()


def test_two_who_upgrade_at_once_do_it_once(
    place: SnowflakeRig, account: SnowflakeAccount, tmp_path: Path
) -> None:
    config, upgraded = _snowflake(account, tmp_path, 30), []

    def open_one() -> None:
        with closing(open_warehouse(config)) as warehouse:
            upgraded.append(warehouse.upgraded_from)

    threads = [threading.Thread(target=open_one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(upgraded) == 2
    assert set(upgraded) <= {1, None}
    assert 1 in upgraded
    assert len(place.execute('SELECT * FROM {schema}."_firehose_versions"')) == 1


def test_an_upgrade_that_another_session_stands_in_the_way_of_changes_nothing(
    place: SnowflakeRig, account: SnowflakeAccount, tmp_path: Path
) -> None:
    with account.connect(schema=account.schema) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE _firehose_leases SET holder = 'somebody'")

        with pytest.raises(WarehouseBusy, match="another transaction holds a table"):
            open_warehouse(_snowflake(account, tmp_path, 1))

        assert "_firehose_versions" not in place.tables()
        cursor.execute("ROLLBACK")
    with closing(open_warehouse(_snowflake(account, tmp_path, 1))) as warehouse:
        assert warehouse.upgraded_from == 1
