"""Storages that fail while a run is under way: patience first, then a report, then the next run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from firehose_loader import service
from firehose_loader.config import Config, LocalSource, Source
from firehose_loader.errors import AccessDenied, DropMissing, ExitCode, StorageUnavailable
from firehose_loader.observe import Event, SourceListed
from firehose_loader.service import source_run
from firehose_loader.service.turns import Turns
from firehose_loader.storage import open_storage
from firehose_loader.summary import RunSummary
from tests.command import select
from tests.doubles.faulty import FaultyStorage
from tests.rigs import azure
from tests.rigs.azure import AzureRig
from tests.rigs.processes import wait_until
from tests.rigs.proxy import Fault, FaultProxy
from tests.rigs.rig import CloudRig

AWAY = StorageUnavailable("the storage is unavailable: SlowDown (status 503)", pause_seconds=9)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Wait for nothing, and return how long it would have been."""
    pauses: list[float] = []
    monkeypatch.setattr(Turns, "sleep", lambda _, seconds: pauses.append(seconds))
    return pauses


class Trouble:
    """A folder behind a storage that fails as it was told to, and runs over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drops = folder / "in"
        self.drops.mkdir()
        self.source = LocalSource(name="s", url=str(self.drops))
        self.storage = FaultyStorage(open_storage(self.source))

    def write(self, *names: str, rows: int = 1) -> None:
        for name in names:
            lines = [f"{name}-{row},emailOpen,2026-01-05T10:00:00Z\n" for row in range(rows)]
            (self.drops / name).write_text(f"eventId,eventType,eventDate\n{''.join(lines)}")

    def run(self, observe: Callable[[Event], None] = lambda _: None) -> RunSummary:
        return run(self.folder, self.source, observe, batch_files=2)

    def events(self) -> int:
        return count(self.folder)


def run(
    folder: Path, source: Source, observe: Callable[[Event], None], **settings: object
) -> RunSummary:
    warehouse = {"url": str(folder / "events.duckdb")}
    config = Config.model_validate({"warehouse": warehouse, "spool": folder, **settings})
    return service.run(config.model_copy(update={"source": (source,)}), observe)


def count(folder: Path) -> int:
    (row,) = select(folder / "events.duckdb", "SELECT count(*) AS n FROM dotdigital.email_open")
    return int(row["n"])


@pytest.fixture
def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trouble:
    trouble = Trouble(tmp_path)
    monkeypatch.setattr(source_run, "open_storage", lambda _: trouble.storage)
    return trouble


def test_a_listing_that_fails_in_the_middle_goes_on(trouble: Trouble, pauses: list[float]) -> None:
    trouble.write(*(f"{number:04}.csv" for number in range(6)))
    trouble.storage.fail("list_drops", AWAY, after=4)
    trouble.storage.fail("list_drops", AWAY)

    summary = trouble.run()

    assert (summary.exit_code, summary.drops["listed"], trouble.events()) == (ExitCode.OK, 6, 6)
    assert pauses == [9, 9]  # as long as it was asked to wait


def test_a_listing_that_keeps_failing_is_told_and_made_up_for(trouble: Trouble) -> None:
    trouble.write("a.csv", "b.csv", "c.csv")
    trouble.storage.fail("list_drops", AWAY, after=1)
    trouble.storage.fail("list_drops", AWAY, times=5)

    failed, loaded = trouble.run(), trouble.run()

    assert failed.exit_code is ExitCode.FAILED_DROPS
    assert [(one.error, one.drop) for one in failed.errors] == [("StorageUnavailable", None)]
    assert failed.drops["loaded"] == 0
    assert (loaded.exit_code, trouble.events()) == (ExitCode.OK, 3)


def test_credentials_that_expire_in_the_middle_end_the_source_and_keep_what_was_loaded(
    trouble: Trouble,
) -> None:
    trouble.write("a.csv", "b.csv", "c.csv", "d.csv", "e.csv")
    expired = AccessDenied("s3://b/in/ refuses GetObject: ExpiredToken; renew the credentials")

    def observe(event: Event) -> None:
        if type(event).__name__ == "BatchLoaded":
            trouble.storage.fail("open", expired, times=20)

    first = trouble.run(observe)
    kept = trouble.events()
    trouble.storage = FaultyStorage(open_storage(trouble.source))
    second = trouble.run()

    assert (first.exit_code, first.errors[-1].error) == (ExitCode.FATAL, "AccessDenied")
    assert 2 <= kept < 5
    assert (second.exit_code, trouble.events()) == (ExitCode.OK, 5)


def test_throttling_is_waited_for_within_bounds_and_then_told(
    trouble: Trouble, pauses: list[float]
) -> None:
    trouble.write("a.csv")
    trouble.storage.fail("open", AWAY, times=5)

    failed, loaded = trouble.run(), trouble.run()

    assert (failed.exit_code, failed.drops["failed"]) == (ExitCode.FAILED_DROPS, 1)
    assert pauses == [9, 9, 9, 9]
    assert (loaded.exit_code, loaded.drops["loaded"]) == (ExitCode.OK, 1)


def test_a_drop_that_vanishes_between_listing_and_reading_is_told_and_the_others_are_loaded(
    trouble: Trouble,
) -> None:
    trouble.write("a.csv", "b.csv", "c.csv")

    def observe(event: Event) -> None:
        if isinstance(event, SourceListed):
            (trouble.drops / "b.csv").unlink(missing_ok=True)

    first, second = trouble.run(observe), trouble.run()

    assert (first.exit_code, first.drops["loaded"]) == (ExitCode.FAILED_DROPS, 2)
    assert [(one.drop, one.error) for one in first.errors] == [("b.csv", DropMissing.__name__)]
    assert second.exit_code is ExitCode.OK


def test_a_drop_that_grows_between_listing_and_reading_is_loaded_whole_by_the_next_run(
    trouble: Trouble,
) -> None:
    trouble.write("a.csv", "b.csv")

    def observe(event: Event) -> None:
        if isinstance(event, SourceListed):
            trouble.write("b.csv", rows=5)

    first = trouble.run(observe)
    second = trouble.run()

    assert (first.exit_code, first.drops["loaded"]) == (ExitCode.FAILED_DROPS, 1)
    assert [(one.drop, one.error) for one in first.errors] == [("b.csv", "DropChanged")]
    assert (second.exit_code, trouble.events()) == (ExitCode.OK, 6)


# -- real servers --------------------------------------------------------------------------------


def put_drops(rig: CloudRig) -> None:
    for number in range(4):
        row = f"{number},emailOpen,2026-01-05T10:00:00Z\n"
        rig.put(f"{number}.csv", f"eventId,eventType,eventDate\n{row}".encode())


def test_a_server_that_is_restarted_while_a_run_reads_from_it_is_waited_for(
    far_rig: CloudRig, proxy: FaultProxy, tmp_path: Path
) -> None:
    put_drops(far_rig)

    def observe(event: Event) -> None:
        if isinstance(event, SourceListed):
            proxy.arm(
                Fault(refuse=True, times=4)
            )  # one drop may meet them all: it is tried 5 times

    summary = run(tmp_path, far_rig.source(), observe, fetch_threads=2)

    assert (summary.exit_code, summary.drops["loaded"]) == (ExitCode.OK, 4)
    assert count(tmp_path) == 4


def test_a_server_that_stays_away_is_told_and_what_it_has_is_loaded_by_the_next_run(
    far_rig: CloudRig, proxy: FaultProxy, tmp_path: Path
) -> None:
    put_drops(far_rig)

    def observe(event: Event) -> None:
        if isinstance(event, SourceListed):
            proxy.arm(Fault(refuse=True))

    failed = run(tmp_path, far_rig.source(), observe, fetch_threads=2)
    proxy.arm(Fault())
    loaded = run(tmp_path, far_rig.source(), lambda _: None)

    assert (failed.exit_code, failed.drops["failed"]) == (ExitCode.FAILED_DROPS, 4)
    assert (loaded.exit_code, loaded.drops["loaded"], count(tmp_path)) == (ExitCode.OK, 4, 4)


def test_a_server_that_never_answers_is_asked_no_more_than_twice_within_its_timeout(
    far_rig: CloudRig, proxy: FaultProxy, tmp_path: Path
) -> None:
    """Whatever its SDK and the loader do out of patience, each by itself."""
    proxy.arm(Fault(stall_after=0))

    source = far_rig.source().model_copy(update={"timeout": 1})
    told = run(tmp_path, source, lambda _: None)

    assert 1 <= proxy.struck <= 2
    assert told.exit_code is ExitCode.FAILED_DROPS
    assert [one.error for one in told.errors] == ["StorageUnavailable"]


@pytest.mark.parametrize("rig", [azure.NAME], indirect=True)
def test_a_token_that_expires_between_listing_and_reading_is_told_and_a_new_one_loads_the_rest(
    rig: AzureRig, tmp_path: Path
) -> None:
    """Of the servers here only Azurite has tokens that end within seconds."""
    put_drops(rig)
    token, last = rig.sas("rl", hours=4 / 3600), time.time() + 4

    def observe(event: Event) -> None:
        if isinstance(event, SourceListed):
            wait_until(lambda: time.time() > last, "the token has expired")

    expired = run(tmp_path, rig.source(auth="sas_token", sas_token=SecretStr(token)), observe)
    renewed = run(tmp_path, rig.source(), lambda _: None)

    assert (expired.drops["listed"], expired.drops["loaded"]) == (4, 0), expired.errors
    assert expired.exit_code is ExitCode.FATAL
    assert "renew it" in expired.errors[0].message
    assert token.partition("sig=")[2] not in str(expired)
    assert (renewed.exit_code, count(tmp_path)) == (ExitCode.OK, 4)
