"""``watch``: passes at each source's rhythm, whatever fails, with pages for probes."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from firehose_loader.config import Config
from firehose_loader.errors import ConfigError
from firehose_loader.observe import Event, RunStarted, SourceFailed, TroubleBegan, TroubleEnded
from firehose_loader.service.loop import Clock, Loop
from tests.command import held, select

START = datetime(2026, 3, 2, 12, 3, tzinfo=UTC)


@dataclass(slots=True)
class Time:
    """Time that passes only when somebody sleeps; ``jump`` sets the clock on the wall."""

    passed: float = 0.0
    jump: timedelta = timedelta(0)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed) + self.jump

    def sleep(self, seconds: float) -> None:
        self.passed += seconds

    @property
    def clock(self) -> Clock:
        return Clock(
            now=self.now, monotonic=lambda: self.passed, sleep=self.sleep, chance=lambda: 1.0
        )


class Watching:
    """A loop with a clock of its own over two folders."""

    def __init__(self, folder: Path, **tables: object) -> None:
        self.folder = folder
        self.time = Time()
        self.events: list[Event] = []
        self.at: list[tuple[timedelta, tuple[str, ...]]] = []
        for name in ("quick", "slow"):
            (folder / name).mkdir(exist_ok=True)
        values: dict[str, object] = {
            "warehouse": {"url": str(folder / "e.duckdb"), "lock_timeout": 0},
            "spool": str(folder),
            "source": [
                {"name": "quick", "url": str(folder / "quick"), "cadence": "15min"},
                {"name": "slow", "url": str(folder / "slow"), "cadence": "hourly"},
            ],
            "watch": {"port": 0, "jitter": "0s", "delay": "1m"},
        }
        self.config = Config.model_validate({**values, **tables})
        self.loop = Loop(self.config, self._observe, clock=self.time.clock)

    def _observe(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, RunStarted):
            self.at.append((self.time.now() - START, event.sources))

    def go_on(self, minutes: float) -> None:
        """Let so much time pass."""
        end = self.time.passed + minutes * 60
        while self.time.passed < end:
            self.loop.step()

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a page."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.loop.port}{path}", timeout=20
            ) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def told(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture(name="watching")
def fixture_watching(tmp_path: Path) -> Iterator[Watching]:
    watching = Watching(tmp_path)
    yield watching
    watching.loop.close()


def drop(folder: Path, name: str) -> None:
    (folder / name).write_text(f"eventId,eventType\n{name},emailOpen\n")


def test_each_source_is_looked_at_at_once_and_then_at_its_own_rhythm(watching: Watching) -> None:
    watching.go_on(60)

    minutes = [(at.total_seconds() / 60, sources) for at, sources in watching.at]
    assert minutes == [
        (0, ("quick", "slow")),
        (13, ("quick",)),
        (28, ("quick",)),
        (43, ("quick",)),
        (58, ("quick", "slow")),
    ]


def test_what_arrives_in_between_is_loaded_once(watching: Watching) -> None:
    watching.go_on(1)
    drop(watching.folder / "quick", "a.csv")
    watching.go_on(30)

    rows = select(watching.folder / "e.duckdb", "SELECT event_id FROM dotdigital.email_open")
    assert rows == [{"event_id": "a.csv"}]


def test_a_database_that_is_held_is_tried_again_with_growing_pauses(watching: Watching) -> None:
    watching.go_on(1)
    watching.at.clear()
    with held(watching.folder / "e.duckdb"):
        watching.go_on(14)
        during = [round((at.total_seconds() / 60), 1) for at, _ in watching.at]
        assert len(watching.told(TroubleBegan)) == 1
        assert watching.told(TroubleEnded) == []
    watching.go_on(8)

    assert during == [13.0, 13.5, 14.5]
    assert [type(event) for event in watching.events if "Trouble" in type(event).__name__] == [
        TroubleBegan,
        TroubleEnded,
    ]


def test_a_source_that_fails_holds_back_no_other_and_is_tried_sooner(tmp_path: Path) -> None:
    watching = Watching(tmp_path)
    (tmp_path / "quick").rmdir()
    watching.go_on(20)
    failures = watching.told(SourceFailed)
    (tmp_path / "quick").mkdir()
    drop(tmp_path / "quick", "a.csv")
    watching.go_on(20)
    watching.loop.close()

    assert failures
    assert len(select(tmp_path / "e.duckdb", "SELECT 1 FROM dotdigital.email_open")) == 1


def test_a_first_pass_that_cannot_begin_ends_it(tmp_path: Path) -> None:
    watching = Watching(tmp_path, source=[])

    with pytest.raises(ConfigError, match="no source"):
        watching.loop.run()


def test_what_a_person_must_mend_later_on_ends_nothing(watching: Watching) -> None:
    watching.go_on(1)
    database = watching.folder / "e.duckdb"
    good = database.read_bytes()
    database.write_text("this is no database")

    watching.go_on(20)
    assert watching.get("/readyz")[0] == 503
    assert watching.get("/healthz")[0] == 200
    database.write_bytes(good)
    watching.go_on(20)

    assert watching.get("/readyz")[0] == 200
    assert len(watching.told(TroubleBegan)) == len(watching.told(TroubleEnded)) == 1


@pytest.mark.parametrize("jump", [timedelta(days=-3), timedelta(days=3)], ids=["back", "ahead"])
def test_a_clock_that_jumps_stops_no_source(watching: Watching, jump: timedelta) -> None:
    watching.go_on(14)
    watching.time.jump = jump
    watching.at.clear()
    watching.go_on(60)

    assert 3 <= sum("quick" in sources for _, sources in watching.at) <= 5


def test_the_pages_tell_whether_it_lives_whether_it_is_ready_and_figures(
    watching: Watching,
) -> None:
    drop(watching.folder / "quick", "a.csv")
    watching.loop.step()

    assert watching.get("/healthz")[0] == 200
    assert json.loads(watching.get("/readyz")[1]) == {"ok": True, "message": "1 passes"}
    assert watching.get("/nothing")[0] == 404
    status, text = watching.get("/metrics")
    assert status == 200
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["firehose_loader_drops_total", ("source", "quick"), ("state", "loaded")] == 1
    assert samples["firehose_loader_last_run_rows", ("outcome", "inserted")] == 1
    assert samples["firehose_loader_last_run_exit_code",] == 0
    assert (
        samples["firehose_loader_table_rows", ("event_type", "email.open"), ("table", "email_open")]
        == 1
    )


def test_it_is_not_ready_before_the_first_pass(watching: Watching) -> None:
    watching.loop.serve()

    assert watching.get("/readyz")[0] == 503
    assert watching.get("/metrics") == (200, "")


def test_a_loop_that_stands_still_is_not_alive(watching: Watching) -> None:
    watching.loop.step()
    watching.time.passed += 3600

    assert watching.get("/healthz")[0] == 503


def test_a_port_in_use_is_told_once_and_again_when_it_is_free(
    tmp_path: Path, watching: Watching
) -> None:
    watching.loop.step()
    other = tmp_path / "other"
    other.mkdir()
    second = Watching(other, watch={"port": watching.loop.port, "jitter": "0s"})
    second.go_on(20)
    told = list(second.events)
    watching.loop.close()
    second.go_on(1)

    assert [event.what for event in told if isinstance(event, TroubleBegan)] == [
        f"health and metrics at 127.0.0.1:{second.config.watch.port}"
    ]
    assert len(second.at) >= 2
    assert len(second.told(TroubleEnded)) == 1
    assert second.get("/healthz")[0] == 200
    second.loop.close()


def test_metrics_go_to_a_textfile_and_a_folder_that_is_not_there_stops_nothing(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "collector"
    watching = Watching(tmp_path, metrics={"textfile": str(folder / "loader.prom")})
    watching.go_on(40)
    assert len(watching.told(TroubleBegan)) == 1
    folder.mkdir()
    watching.go_on(20)
    watching.loop.close()

    assert len(watching.told(TroubleEnded)) == 1
    assert "firehose_loader_last_run_exit_code 0.0" in (folder / "loader.prom").read_text()
    assert [path.name for path in folder.iterdir()] == ["loader.prom"]
