"""``merge_every``: loads on a slower rhythm than the runs, and the warehouse asleep in between."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firehose_loader.config import load_config
from firehose_loader.freshness import FreshState
from firehose_loader.service.health import health
from tests.command import Answer, ask, table
from tests.rigs import snowflake
from tests.rigs.snowflake import SnowflakeAccount
from tests.test_snowflake_costs import configured
from tests.watching.test_loop import Watching

KILLED = """
import os, signal, sys
from pathlib import Path
from firehose_loader.cli import main
replace = Path.replace
def killed(path, target):
    if "firehose-merged" in str(target):
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(path, target)
Path.replace = killed
main(["run", "-c", sys.argv[1]])
"""
"""Loads, and is killed when the time of the merge is about to be kept."""
ONE = "eventId,eventType,eventDate\n{},email.open,2026-01-05T10:00:00Z\n"


class Place:
    """A configuration whose merges are years apart, and a folder to deliver to."""

    def __init__(self, folder: Path, *, every: str = "3650d") -> None:
        self.folder = folder
        self.database = folder / "events.duckdb"
        (folder / "in").mkdir()
        self.config = folder / "firehose.toml"
        self.config.write_text(
            f'spool = "{folder}"\n[warehouse]\nurl = "{self.database}"\nmerge_every = "{every}"\n'
            f'[[source]]\nname = "prod"\nurl = "{folder}/in"\ncadence = "15min"\n'
        )

    def deliver(self, number: int) -> None:
        (self.folder / "in" / f"{number}.csv").write_text(ONE.format(number))

    def run(self, *words: str) -> Answer:
        return ask("run", "-c", self.config, "--json", *words)

    def state(self) -> Path:
        (path,) = self.folder.glob("firehose-merged-*.json")
        return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """One that has had its first merge, with one event, and another drop that waits."""
    place = Place(tmp_path)
    place.deliver(1)
    assert place.run().json["rows"]["inserted"] == 1
    place.deliver(2)
    return place


def test_a_run_between_two_merges_lists_and_leaves_the_warehouse_alone(place: Place) -> None:
    before = place.database.stat()

    waits = place.run()
    told = ask("run", "-c", place.config)
    now = place.run("--now")

    assert waits.code == told.code == 0
    assert waits.json["drops"] | {"listed": 2, "waiting": 1, "new": 0} == waits.json["drops"]
    until = datetime.fromisoformat(waits.json["put_off_until"])
    assert until > datetime.now(UTC)
    assert "prod: 2 listed, 1 wait for the next merge" in waits.err
    assert f"the next one is due at {until:%Y-%m-%d %H:%M} UTC" in told.out
    assert len(table(place.database, "_firehose_runs")) == 2
    assert before.st_size > 0
    assert now.json["rows"]["inserted"] == 1
    assert now.json["put_off_until"] is None


@pytest.mark.parametrize("left", [None, "{", "[]", '{"prod": "soon"}', '{"other": "2026-01-01"}'])
def test_where_it_is_not_known_when_the_last_merge_was_one_is_due(
    place: Place, left: str | None
) -> None:
    state = place.state()
    state.unlink()
    if left is not None:
        state.write_text(left)

    assert place.run().json["rows"]["inserted"] == 1


def test_what_a_killed_run_had_begun_to_keep_goes_with_the_next_one(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.deliver(1)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, place.config], capture_output=True, check=False, timeout=300
    )
    left = [path.name for path in tmp_path.glob("*firehose-merg*")]
    again = place.run()

    assert killed.returncode == -signal.SIGKILL
    assert len(left) == 1
    assert again.code == 0
    assert [*tmp_path.glob("*firehose-merg*")] == [place.state()]
    assert place.state().stat().st_mode & 0o777 == 0o600


def test_a_merge_that_lies_in_the_future_is_not_believed(place: Place) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    place.state().write_text(json.dumps({"prod": later.isoformat()}))

    assert place.run().json["rows"]["inserted"] == 1


def test_trouble_with_a_source_is_told_between_merges_and_leaves_it_due_at_one(
    place: Place,
) -> None:
    (place.folder / "in").rename(place.folder / "elsewhere")

    between = place.run()
    at_one = place.run("--now")
    (place.folder / "elsewhere").rename(place.folder / "in")
    again = place.run()

    assert between.json["put_off_until"] is not None
    assert between.code == at_one.code == 2
    assert "in" in between.json["errors"][0]["message"]
    assert again.json["rows"]["inserted"] == 1


def test_what_was_not_looked_at_between_merges_is_not_stale(tmp_path: Path) -> None:
    place = Place(tmp_path, every="6h")
    place.deliver(1)
    place.run()
    config = load_config(place.config)
    at = datetime.now(UTC)

    asleep = health(config, now=at + timedelta(hours=6))
    dead = health(config, now=at + timedelta(hours=7))

    assert {one.kind for one in asleep.troubles} == set()
    assert {one.kind for one in dead.troubles} == {FreshState.STALE}


def test_a_loop_merges_all_sources_together_and_only_then(tmp_path: Path) -> None:
    warehouse = {"url": str(tmp_path / "e.duckdb"), "merge_every": "1h"}
    watching = Watching(tmp_path, warehouse=warehouse)
    (tmp_path / "quick" / "1.csv").write_text(ONE.format(1))

    watching.go_on(20)
    (tmp_path / "slow" / "2.csv").write_text(ONE.format(2))
    watching.go_on(30)
    before = len(table(tmp_path / "e.duckdb", "_firehose_runs"))
    watching.go_on(20)
    watching.loop.close()

    assert before == 1
    assert len(table(tmp_path / "e.duckdb", "_firehose_runs")) == 2
    assert len(table(tmp_path / "e.duckdb", "email_open")) == 2
    assert ("quick",) in [sources for _, sources in watching.at]


@pytest.mark.xdist_group(snowflake.NAME)
def test_an_account_is_not_even_signed_in_to_between_merges(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    config = configured(account, tmp_path, merge_every="3650d")
    config.write_text(f'spool = "{tmp_path}"\n{config.read_text()}')
    first = ask("run", "-c", config)
    asked = len(account.log())

    second = ask("run", "-c", config, "--json")

    assert first.code == second.code == 0
    assert second.json["put_off_until"] is not None
    assert len(account.log()) == asked


def test_a_rhythm_of_seconds_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path, every="10s")

    told = place.run()

    assert told.code == 2
    assert "merge_every: must be a minute or longer" in told.err
