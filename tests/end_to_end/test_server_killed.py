"""File servers whose processes are killed while a run reads from them, and started again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from firehose_loader import service
from firehose_loader.config import Config
from firehose_loader.errors import ExitCode
from firehose_loader.observe import Event, SourceListed
from firehose_loader.service.turns import Turns
from firehose_loader.summary import RunSummary
from tests.command import select
from tests.rigs import ftps, sshd
from tests.rigs.ftps import FtpsRig
from tests.rigs.rig import Rig
from tests.rigs.sshd import SftpRig

DROPS = 6


class Killable:
    """A server of its own for one test, and its drops."""

    def __init__(self, rig: Rig, serve: Callable[[], AbstractContextManager[None]]) -> None:
        self.rig = rig
        self._serve = serve
        self._running = ExitStack()

    def start(self) -> None:
        self._running.enter_context(self._serve())

    def kill(self) -> None:
        """End the server and every process of it: all connections break."""
        self._running.close()

    def run(self, folder: Path, observe: Callable[[Event], None]) -> RunSummary:
        config = Config.model_validate(
            {"warehouse": {"url": str(folder / "events.duckdb")}, "spool": folder}
        )
        source = self.rig.source().model_copy(update={"settle": 0})
        return service.run(config.model_copy(update={"source": (source,)}), observe)


@contextmanager
def _sftp() -> Iterator[Killable]:
    with sshd.prepared() as server:
        yield Killable(SftpRig(server), lambda: sshd.serving(server))


@contextmanager
def _ftps() -> Iterator[Killable]:
    with ftps.prepared_proftpd() as server:
        yield Killable(FtpsRig(server), lambda: ftps.serving(server))


@pytest.fixture(params=[_sftp, _ftps], ids=[sshd.NAME, ftps.PROFTPD])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Killable]:
    monkeypatch.setattr(Turns, "sleep", lambda *_: None)
    with request.param() as server, closing(server.rig):
        for number in range(DROPS):
            row = f"{number},emailOpen,2026-01-05T10:00:00Z\n"
            server.rig.put(f"{number}.csv", f"eventId,eventType,eventDate\n{row}".encode())
        server.start()
        yield server
        server.kill()


def events(folder: Path) -> int:
    (row,) = select(folder / "events.duckdb", "SELECT count(*) AS n FROM dotdigital.email_open")
    return int(row["n"])


def test_a_server_that_is_killed_and_started_again_in_mid_run_is_read_to_the_end(
    server: Killable, tmp_path: Path
) -> None:
    def observe(event: Event) -> None:
        if isinstance(event, SourceListed):
            server.kill()
            server.start()

    summary = server.run(tmp_path, observe)

    assert (summary.exit_code, summary.drops["loaded"]) == (ExitCode.OK, DROPS)
    assert events(tmp_path) == DROPS


def test_what_a_killed_server_kept_back_is_told_and_loaded_by_the_next_run(
    server: Killable, tmp_path: Path
) -> None:
    def observe(event: Event) -> None:
        if isinstance(event, SourceListed):
            server.kill()

    killed = server.run(tmp_path, observe)
    server.start()
    loaded = server.run(tmp_path, lambda _: None)

    assert killed.exit_code is ExitCode.FAILED_DROPS
    assert killed.drops["loaded"] + killed.drops["failed"] == DROPS
    assert {one.error for one in killed.errors} == {"StorageUnavailable"}
    assert (loaded.exit_code, events(tmp_path)) == (ExitCode.OK, DROPS)
