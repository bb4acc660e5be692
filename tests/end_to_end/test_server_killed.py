"""Servers whose processes are killed while a run reads from them, and started again."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest

from firehose_loader import service
from firehose_loader.config import Config, Source
from firehose_loader.errors import ExitCode
from firehose_loader.model import Drop
from firehose_loader.service import source_run
from firehose_loader.service.turns import Turns
from firehose_loader.storage import open_storage
from firehose_loader.summary import RunSummary
from tests.command import select
from tests.doubles.faulty import FaultyStorage
from tests.rigs import azure, ftps, gcs, radosgw, sshd
from tests.rigs.azure import AzureRig
from tests.rigs.ftps import FtpsRig
from tests.rigs.gcs import GcsRig
from tests.rigs.processes import Restartable, wait_until
from tests.rigs.rig import Rig
from tests.rigs.s3 import S3Rig, S3Server
from tests.rigs.sshd import SftpRig

if TYPE_CHECKING:  # it exists for type checkers only
    from _typeshed import WriteableBuffer

SMALL = 5
LARGE_ROWS = 240
EVENTS = SMALL + LARGE_ROWS
LARGE = "large.csv"
"""A drop of 24 MB: no connection has all of it on the way at once."""


@contextmanager
def _radosgw(request: pytest.FixtureRequest, _: Path) -> Iterator[tuple[Rig, Restartable]]:
    server: S3Server = request.getfixturevalue(radosgw.NAME)
    assert server.gateway is not None
    yield S3Rig(server), server.gateway
    server.gateway.start()  # for whoever comes next


@contextmanager
def _azurite(_: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[Rig, Restartable]]:
    prepared = azure.prepared(folder, "--location", str(folder))
    with prepared as (server, serving), Restartable(serving) as process:
        yield AzureRig(server), process


@contextmanager
def _gcs(_: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[Rig, Restartable]]:
    stored = ("-backend", "filesystem", "-filesystem-root", str(folder / "stored"))
    with gcs.prepared(folder, *stored) as (server, serving), Restartable(serving) as process:
        yield GcsRig(server), process


@contextmanager
def _sftp(_: pytest.FixtureRequest, __: Path) -> Iterator[tuple[Rig, Restartable]]:
    with sshd.prepared() as server, Restartable(lambda: sshd.serving(server)) as process:
        yield SftpRig(server), process


@contextmanager
def _ftps(_: pytest.FixtureRequest, __: Path) -> Iterator[tuple[Rig, Restartable]]:
    with ftps.prepared_proftpd() as server, Restartable(lambda: ftps.serving(server)) as process:
        yield FtpsRig(server), process


_Started = Callable[[pytest.FixtureRequest, Path], AbstractContextManager[tuple[Rig, Restartable]]]
STARTED: Mapping[str, _Started] = {
    radosgw.NAME: _radosgw,
    azure.NAME: _azurite,
    gcs.NAME: _gcs,
    sshd.NAME: _sftp,
    ftps.PROFTPD: _ftps,
}


class Killable:
    """A server that keeps its drops when it is killed, and runs over these."""

    def __init__(self, rig: Rig, process: Restartable) -> None:
        self.rig = rig
        self.process = process

    def run(self, folder: Path) -> RunSummary:
        config = Config.model_validate(
            {"warehouse": {"url": str(folder / "events.duckdb")}, "spool": folder}
        )
        settled = {"settle": 0} if hasattr(self.rig.source(), "settle") else {}
        source = self.rig.source().model_copy(update=settled)
        return service.run(config.model_copy(update={"source": (source,)}), lambda _: None)


@pytest.fixture(params=STARTED, scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Killable]:
    folder = tmp_path_factory.mktemp(request.param)
    with STARTED[request.param](request, folder) as (rig, process), closing(rig):
        fill(rig)
        if request.param == azure.NAME:
            wait_until(lambda: is_stored(folder), "Azurite has written down what it was given")
        yield Killable(rig, process)


def fill(rig: Rig) -> None:
    header, row = "eventId,eventType,eventDate,campaignName\n", "emailOpen,2026-01-05T10:00:00Z"
    for number in range(SMALL):
        rig.put(f"{number}.csv", f"{header}{number},{row},x\n".encode())
    rows = "".join(f"large {number},{row},{'x' * 100_000}\n" for number in range(LARGE_ROWS))
    rig.put(LARGE, f"{header}{rows}".encode())


def is_stored(folder: Path) -> bool:
    """Tell whether Azurite has written down where the drops lie: it does so every few seconds."""
    books = {"__azurite_db_blob__.json": LARGE, "__azurite_db_blob_extent__.json": r'"size":\d{8}'}
    return all(
        (folder / name).exists() and re.search(noted, (folder / name).read_text())
        for name, noted in books.items()
    )


class Interrupted(FaultyStorage):
    """A storage to whose server something happens while it is read from."""

    def __init__(self, source: Source, happening: Callable[[], None]) -> None:
        super().__init__(open_storage(source))
        self._happenings = [happening]
        self.happened = 0
        """How many bytes of the large drop had been read by then."""

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        file = super().open(drop, start=start, end=end)
        if drop.key == LARGE and self._happenings:
            return io.BufferedReader(_Watched(file, self))
        return file

    def happen(self, read_bytes: int) -> None:
        """Let it happen, once."""
        for happening in self._happenings:
            self._happenings = []
            self.happened = read_bytes
            happening()


class _Watched(io.RawIOBase):
    def __init__(self, file: BinaryIO, storage: Interrupted) -> None:
        self._file = file
        self._storage = storage
        self._read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer)
        if self._read_bytes:
            self._storage.happen(self._read_bytes)
        data = self._file.read(len(target))
        target[: len(data)] = data
        self._read_bytes += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


@pytest.fixture
def interrupted(
    server: Killable, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[], None]], Interrupted]:
    """Have something happen in the middle of the next run."""

    def interrupted(happening: Callable[[], None]) -> Interrupted:
        storage = Interrupted(server.rig.source(), happening)
        monkeypatch.setattr(source_run, "open_storage", lambda _: storage)
        return storage

    return interrupted


def events(folder: Path) -> int:
    (row,) = select(folder / "events.duckdb", "SELECT count(*) AS n FROM dotdigital.email_open")
    return int(row["n"])


def test_a_server_that_is_killed_in_mid_read_and_started_again_is_read_to_the_end(
    server: Killable,
    interrupted: Callable[[Callable[[], None]], Interrupted],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A pause between two tries lasts until the server is back, however slow this machine is.
    monkeypatch.setattr(Turns, "sleep", lambda *_: server.process.up.wait(60))

    def restart() -> None:
        server.process.kill()
        server.process.start()

    storage = interrupted(restart)
    summary = server.run(tmp_path)

    assert 0 < storage.happened < 10_000_000
    assert (summary.exit_code, summary.drops["loaded"]) == (ExitCode.OK, SMALL + 1), summary.errors
    assert events(tmp_path) == EVENTS


def test_what_a_killed_server_kept_back_is_told_and_loaded_by_the_next_run(
    server: Killable,
    interrupted: Callable[[Callable[[], None]], Interrupted],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Turns, "sleep", lambda *_: None)
    interrupted(server.process.kill)
    killed = server.run(tmp_path)
    server.process.start()
    monkeypatch.undo()
    loaded = server.run(tmp_path)

    assert killed.exit_code is ExitCode.FAILED_DROPS
    assert killed.drops["failed"] >= 1
    assert killed.drops["loaded"] + killed.drops["failed"] == SMALL + 1
    assert {one.error for one in killed.errors} == {"StorageUnavailable"}
    assert (loaded.exit_code, events(tmp_path)) == (ExitCode.OK, EVENTS)
