"""A DuckDB file is held for a batch, not for a run: who may come in between."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import duckdb
import pytest

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.config import Config
from firehose_loader.errors import WarehouseBusy
from firehose_loader.fetch import Fetched, Fetcher
from firehose_loader.loader import Loader, Outcome
from firehose_loader.model import Drop
from firehose_loader.service.claiming import claimed
from firehose_loader.warehouse import open_warehouse
from firehose_loader.warehouse.own_tables import VERSION
from tests.command import ask, call, held, select, table
from tests.in_between import before_reading, configure, event_ids, two_batches
from tests.past import opens

_READER = """
import duckdb, sys, time
_, path, patience = sys.argv
over = time.monotonic() + float(patience)
while True:
    try:
        with duckdb.connect(path, read_only=True) as connection:
            rows = connection.execute("SELECT key FROM dotdigital._firehose_drops ORDER BY 1")
            print(*(key for key, in rows.fetchall()))
        break
    except duckdb.IOException:
        if time.monotonic() > over:
            raise
        time.sleep(0.02)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return two_batches(tmp_path)


def drops_seen(home: Path, *, patience: float = 0) -> list[str]:
    """Return the keys that another process finds in the ledger, once it gets at the file."""
    done = subprocess.run(
        [sys.executable, "-c", _READER, str(home / "events.duckdb"), str(patience)],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


# -- readers -------------------------------------------------------------------------------------


def test_others_read_what_is_loaded_while_the_next_batch_is_read(home: Path) -> None:
    seen: list[list[str]] = []

    with before_reading(lambda _: seen.append(drops_seen(home))):
        answer = ask("run", "--json", cwd=home)

    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert seen == [[], ["1.csv"]]
    assert event_ids(home) == ["1", "2"]


def test_others_read_what_is_loaded_while_the_next_batch_is_fetched(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, load, loaded, seen = Fetcher.fetch, Loader.load, threading.Event(), []

    def fetched(self: Fetcher, drops: Sequence[Drop], folder: Path) -> list[Fetched]:
        if drops[0].key == "2.csv":
            assert loaded.wait(60)
            seen.append(drops_seen(home, patience=60))
        return fetch(self, drops, folder)

    def loads(self: Loader, batch: Sequence[ReadyDrop]) -> Outcome:
        outcome = load(self, batch)
        loaded.set()
        return outcome

    monkeypatch.setattr(Fetcher, "fetch", fetched)
    monkeypatch.setattr(Loader, "load", loads)
    answer = ask("run", "--json", cwd=home)

    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert seen == [["1.csv"]]


def test_who_keeps_the_file_in_between_ends_the_run_with_5_and_is_named(home: Path) -> None:
    with ExitStack() as reading:

        def open_it(number: int) -> None:
            if number == 2:
                reading.enter_context(held(home / "events.duckdb", "read_only"))

        with before_reading(open_it):
            answer = ask("run", "--json", cwd=home)

    assert answer.code == 5
    told = re.search(
        r"events\.duckdb is held by another process, '(\S+)' \(PID (\d+)\), which runs since"
        r" \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; close it there and run again",
        answer.err,
    )
    assert told, answer.err
    assert told[1].startswith("python")
    assert int(told[2]) != os.getpid()
    assert event_ids(home) == ["1"]
    after = ask("run", "--json", cwd=home)
    assert after.code == 0, after.err
    assert event_ids(home) == ["1", "2"]


# -- loaders -------------------------------------------------------------------------------------


def test_another_loader_of_another_source_comes_in_between(home: Path) -> None:
    other = home / "other"
    (other / "drops").mkdir(parents=True)
    configure(other, source="t")
    (other / "drops" / "3.csv").write_text(opens("3:x", "1:x"))
    answers = []

    def beside(number: int) -> None:
        if number == 2:
            answers.append(call("run", "--json", "--into", home / "events.duckdb", cwd=other))

    with before_reading(beside):
        answer = ask("run", "--json", cwd=home)

    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert answers[0].json["drops"]["loaded"] == 1, answers[0].err
    assert answers[0].json["rows"]["duplicate"] == 1
    assert event_ids(home) == ["1", "2", "3"]


def test_another_loader_of_the_same_source_ends_with_5_and_tells_who_is_at_it(home: Path) -> None:
    answers = []

    def beside(number: int) -> None:
        if number == 2:
            answers.append(call("run", cwd=home))

    with before_reading(beside):
        answer = ask("run", "--json", cwd=home)

    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert answers[0].code == 5
    assert f"the source 's' is held by run {answer.json['run_id']}" in answers[0].err
    assert f":{os.getpid()}) since " in answers[0].err


def test_drops_that_another_loader_loads_in_between_are_not_loaded_again(home: Path) -> None:
    configure(home, lease_seconds=0)
    answers = []

    def beside(number: int) -> None:
        if number == 1:
            answers.append(call("run", "--json", cwd=home))

    with before_reading(beside):
        answer = ask("run", "--json", cwd=home)

    assert answers[0].json["drops"]["loaded"] == 2, answers[0].err
    assert answer.code == 0
    assert answer.json["drops"] == {**answer.json["drops"], "loaded": 0, "failed": 0, "skipped": 2}
    assert event_ids(home) == ["1", "2"]
    assert [row["attempts"] for row in table(home / "events.duckdb", "_firehose_drops")] == [1, 1]


def test_who_waits_for_a_source_keeps_nobody_from_the_file(home: Path) -> None:
    config = Config.model_validate(
        {
            "warehouse": {"url": str(home / "events.duckdb"), "lock_timeout": 0},
            "source": [{"name": "s", "url": str(home / "drops")}],
        }
    )
    with closing(open_warehouse(config)) as warehouse:
        warehouse.prepare()
        with claimed(config, warehouse, "one"):
            with pytest.raises(WarehouseBusy), claimed(config, warehouse, "two"):
                pytest.fail("both have it")
            assert drops_seen(home) == []


# -- what else may have happened -----------------------------------------------------------------


def test_a_file_that_goes_in_between_is_not_begun_anew(home: Path) -> None:
    database = home / "events.duckdb"

    def gone(number: int) -> None:
        if number == 2:
            database.unlink()

    with before_reading(gone):
        answer = ask("run", "--json", cwd=home)

    assert answer.code == 2
    assert "events.duckdb is gone since this run began" in answer.err
    assert not database.exists()


def test_tables_that_a_newer_loader_upgrades_in_between_are_left_alone(home: Path) -> None:
    database = home / "events.duckdb"

    def upgraded(number: int) -> None:
        if number == 2:
            with duckdb.connect(str(database)) as newer:
                newer.execute(
                    "INSERT INTO dotdigital._firehose_versions VALUES (?, '9.9', now())",
                    [VERSION + 1],
                )

    with before_reading(upgraded):
        answer = ask("run", "--json", cwd=home)

    assert answer.code == 2
    assert "firehose-loader 9.9 made the loader's tables version" in answer.err
    assert event_ids(home) == ["1"]


def test_the_file_is_compacted_in_between(home: Path) -> None:
    database, answers, inodes = home / "events.duckdb", [], []

    def compacted(number: int) -> None:
        if number == 2:
            inodes.append(database.stat().st_ino)
            answers.append(ask("compact", "--json", cwd=home))

    with before_reading(compacted):
        answer = ask("run", "--json", cwd=home)

    assert answers[0].code == 0, answers[0].err
    assert database.stat().st_ino not in inodes
    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert event_ids(home) == ["1", "2"]


def test_another_publishes_in_between(home: Path) -> None:
    configure(home, publish='"read.duckdb"')
    seen: list[list[str]] = []

    def published(number: int) -> None:
        if number == 2:
            assert ask("publish", cwd=home).code == 0
            rows = select(home / "read.duckdb", "SELECT event_id FROM dotdigital.email_open")
            seen.append([row["event_id"] for row in rows])

    with before_reading(published):
        answer = ask("run", "--json", cwd=home)

    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert seen == [["1"]]
    rows = select(home / "read.duckdb", "SELECT event_id FROM dotdigital.email_open ORDER BY 1")
    assert [row["event_id"] for row in rows] == ["1", "2"]


@pytest.mark.parametrize(
    ("words", "left"), [(["replay", "1.csv"], ["1", "2"]), (["undo", "1.csv", "--yes"], ["2"])]
)
def test_what_is_loaded_is_replayed_or_undone_in_between(
    home: Path, words: Sequence[str], left: Sequence[str]
) -> None:
    answers = []

    def changed(number: int) -> None:
        if number == 2:
            answers.append(ask(*words, "--json", cwd=home))

    with before_reading(changed):
        answer = ask("run", "--json", cwd=home)

    assert answers[0].code == 0, answers[0].err
    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert event_ids(home) == left
    assert ask("run", cwd=home).code == 0
    assert event_ids(home) == ["1", "2"]
    assert ask("audit", "--deep", cwd=home).code == 0
