"""When a drop is ready, and what a run remembers for the next one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firehose_loader.config import Config, LocalSource
from firehose_loader.model import Drop
from firehose_loader.protocols import Warehouse
from firehose_loader.route import Globs
from firehose_loader.storage import open_storage
from firehose_loader.warehouse import open_warehouse
from firehose_loader.watch import Discovery, Verdict

SETTLE = 30


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    config = Config.model_validate({"warehouse": {"url": "duckdb://:memory:"}, "spool": tmp_path})
    with closing(open_warehouse(config)) as warehouse:
        warehouse.prepare()
        yield warehouse


class Folder:
    """A folder that senders write into, and runs over it at chosen times."""

    def __init__(self, path: Path, warehouse: Warehouse) -> None:
        self.path = path
        self.warehouse = warehouse
        path.mkdir()

    def write(self, name: str, *, age: float = 0, content: str = "1") -> None:
        """Write a file that changed ``age`` seconds ago, by the clock of whoever wrote it."""
        file = self.path / name
        file.write_text(content)
        written = datetime.now(UTC).timestamp() - age
        os.utime(file, (written, written))

    def discovery(self, *, later: float = 0, settle: float = SETTLE) -> Discovery:
        source = LocalSource(name="s", url=str(self.path), settle=settle)
        now = datetime.now(UTC) + timedelta(seconds=later)
        return Discovery(source, open_storage(source), self.warehouse, now=now)

    def run(self, *, later: float = 0, settle: float = SETTLE) -> list[str]:
        """Return what a run would load, and let it remember what must wait."""
        discovery = self.discovery(later=later, settle=settle)
        ready = discovery.new()
        self.warehouse.record_held("s", discovery.unsettled, run_id="r")
        return names(ready)


@pytest.mark.parametrize("key", ["../up.csv", "a/../b.csv", "./a", "..", "in/./.x", ".a/b", "a//b"])
def test_a_wildcard_stands_for_whatever_a_bucket_can_hold(key: str) -> None:
    assert all(Globs([pattern]).match(key) for pattern in ("**", "**/*"))
    assert Globs([key]).match(key)
    assert not Globs(["b/**", "*.txt"]).match(key)
    assert not Globs([]).match(key)


def names(drops: Iterable[Drop]) -> list[str]:
    return sorted(drop.key for drop in drops)


@pytest.fixture
def folder(tmp_path: Path, warehouse: Warehouse) -> Folder:
    return Folder(tmp_path / "drops", warehouse)


def test_a_file_that_has_just_changed_waits_and_one_that_is_older_does_not(folder: Folder) -> None:
    folder.write("young", age=1)
    folder.write("old", age=SETTLE + 1)
    discovery = folder.discovery()

    ready = discovery.new()

    assert names(ready) == ["old"]
    assert (discovery.counts[Verdict.NEW], discovery.counts[Verdict.HELD]) == (1, 1)
    assert names(discovery.unsettled) == ["young"]


def test_without_settle_nothing_waits_whatever_its_time(folder: Folder) -> None:
    folder.write("young")
    folder.write("ahead", age=-3600)

    assert folder.run(settle=0) == ["ahead", "young"]


def test_a_file_that_a_run_saw_before_is_ready_whatever_the_clock_that_set_its_time(
    folder: Folder,
) -> None:
    folder.write("ahead", age=-3600)

    assert folder.run() == []
    assert folder.run(later=SETTLE - 5) == []
    assert folder.run(later=SETTLE + 5) == ["ahead"]


def test_a_file_that_is_written_on_waits_again(folder: Folder) -> None:
    folder.write("a", age=-3600)
    folder.run()
    folder.write("a", age=-3600, content="12")

    assert folder.run(later=SETTLE + 5) == []


def test_what_is_ready_stays_remembered_until_it_is_loaded(folder: Folder) -> None:
    folder.write("ahead", age=-3600)
    folder.run()

    # The run that found it ready may end before it has loaded it.
    assert folder.run(later=SETTLE + 5) == ["ahead"]
    assert folder.run(later=SETTLE + 5) == ["ahead"]


def test_a_file_that_failed_is_tried_again_at_once(folder: Folder) -> None:
    folder.write("a", age=1)
    (drop,) = folder.discovery(settle=0).new()
    folder.warehouse.record_failure(drop, run_id="r", error="DropDamaged", message="m")

    assert folder.run() == ["a"]


def test_a_plan_says_why_a_file_waits(folder: Folder) -> None:
    folder.write("ahead", age=-3600)
    folder.write("young", age=10)
    folder.run()

    waiting = {one.drop.key: one for one in folder.discovery(later=5).judged()}
    later = {one.drop.key: one for one in folder.discovery(later=SETTLE + 5).judged()}

    assert {one.verdict for one in waiting.values()} == {Verdict.HELD}
    assert waiting["ahead"].why == "its time lies ahead, first seen 5 s ago, settle = 30"
    assert waiting["young"].why == "changed 15 s ago, first seen 5 s ago, settle = 30"
    assert {one.verdict for one in later.values()} == {Verdict.NEW}
    assert later["ahead"].why == "unchanged since it was first seen"


@pytest.mark.parametrize(
    "name",
    ["a.csv.part", "a.tmp", "a.CSV.FILEPART", "~a.csv", ".~lock.a.csv", ".in.a.csv.", "a.partial"],
)
def test_a_temporary_name_is_not_ready_however_old_it_is(folder: Folder, name: str) -> None:
    folder.write(name, age=86_400)
    discovery = folder.discovery()

    assert list(discovery.new()) == []
    assert discovery.counts[Verdict.TEMPORARY] == 1
    assert discovery.unsettled == []


@pytest.mark.parametrize("name", [".hidden.csv", "part.csv", "in.a.csv", "a.parts", "a~.csv"])
def test_a_name_that_only_resembles_one_is_ready(folder: Folder, name: str) -> None:
    folder.write(name, age=86_400)

    assert folder.run() == [name]
