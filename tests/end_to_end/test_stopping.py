"""Ctrl-C and SIGTERM: soon over, with the code of it, and nothing half-done."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.errors import WarehouseUnavailable
from firehose_loader.loader import Loader, Outcome
from tests.command import ask, clean_environ, load, select
from tests.configured import source_table
from tests.past import opens
from tests.rigs.proxy import Fault, FaultProxy
from tests.rigs.rig import CloudRig

SIGNALS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)


def started(config: Path) -> subprocess.Popen[str]:
    """Begin a run."""
    return subprocess.Popen(
        [sys.executable, "-m", "firehose_loader", "run", "-c", str(config), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environ(),
        text=True,
    )


def wait_until(true: Callable[[], bool]) -> None:
    """Look every now and then, for a minute."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@SIGNALS
@pytest.mark.parametrize("command", ["run", "watch"])
def test_a_stop_that_a_library_takes_for_a_failure_of_its_own_is_one_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, number: int, code: int
) -> None:
    """As drivers do that call back into Python in the middle of a request."""
    batches = []

    def load(self: Loader, batch: Sequence[ReadyDrop]) -> Outcome:
        del self
        batches.append(batch)
        try:
            signal.raise_signal(number)
        except BaseException as error:
            raise WarehouseUnavailable("the line is dead") from error
        raise AssertionError("no signal came")

    monkeypatch.setattr(Loader, "load", load)
    (tmp_path / "firehose.toml").write_text(
        '[warehouse]\nurl = "e.duckdb"\n[watch]\nport = 0\n'
        '[[source]]\nname = "s"\nurl = "in"\nbatch_files = 1\n'
        '[[source]]\nname = "t"\nurl = "in"\nbatch_files = 1\n'
    )
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / "in" / name).write_text(opens(f"{name}:x"))

    answer = ask(command, cwd=tmp_path)

    assert answer.code == code
    assert len(batches) == 1


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.long, id="SIGINT"),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM"),
    ],
)
def test_a_run_that_is_stopped_leaves_nothing_half_done(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """Stopped while it loads, it says so; the next run completes to the same tables."""
    drops, database = tmp_path / "drops", tmp_path / "events.duckdb"
    told = ask(
        *(
            "sample",
            drops,
            "--events",
            2000,
            "--drops",
            12,
            "--event-type",
            "email.open",
            "--json",
        )
    ).json
    config = tmp_path / "firehose.toml"
    config.write_text(
        f'batch_files = 1\n[warehouse]\nurl = "{database}"\n'
        f'[[source]]\nname = "s"\nurl = "{drops}"\n'
    )

    with started(config) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "drops loaded" in line:
                break
        process.send_signal(number)
        wait_until(lambda: process.poll() is not None)
        assert code == process.returncode
    after = load_configured(config)

    assert told["drops"] == sum(
        row["n"] for row in select(database, "SELECT count(*) AS n FROM dotdigital._firehose_drops")
    )
    assert after["drops"]["failed"] == 0
    again = load(drops, tmp_path / "other.duckdb").json
    total = select(database, "SELECT sum(rows_inserted) AS n FROM dotdigital._firehose_drops")
    assert told["events"] == again["rows"]["inserted"] == total[0]["n"]


def load_configured(config: Path) -> dict[str, dict[str, int]]:
    summary: dict[str, dict[str, int]] = ask("run", "-c", config, "--json").json
    return summary


def test_a_download_that_hangs_does_not_hold_the_end_back(
    tmp_path: Path, far_rig: CloudRig, proxy: FaultProxy
) -> None:
    rows = "".join(f"{row},email.open,2026-01-05T10:00:00Z\n" for row in range(3000))
    for name in ("a.csv", "b.csv"):
        far_rig.put(f"in/{name}", f"eventId,eventType,eventDate\n{rows}".encode())
    spool, database = tmp_path / "spool", tmp_path / "events.duckdb"
    spool.mkdir()
    config = tmp_path / "firehose.toml"
    config.write_text(
        f'spool = "{spool}"\n[warehouse]\nurl = "{database}"\n{source_table(far_rig.source())}'
    )
    proxy.arm(Fault(stall_after=60_000))

    with started(config) as process:
        wait_until(lambda: any(spool.rglob("*.part")))
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: process.poll() is not None)
        assert process.returncode == 143
    left = [path for path in spool.rglob("*") if path.is_file()]
    proxy.arm(Fault())

    assert not left
    assert not select(database, "FROM dotdigital._firehose_drops")
    assert load_configured(config)["drops"]["loaded"] == 2


def test_a_spool_without_room_is_told_and_the_next_run_loads_all(tmp_path: Path) -> None:
    """The strict parser writes what it saves of a damaged drop: here, more than there is room."""
    drops, database = tmp_path / "drops", tmp_path / "events.duckdb"
    drops.mkdir()
    rows = "".join(f"{row},emailOpen,{'x' * 2000}\n" for row in range(5000))
    (drops / "damaged.csv").write_text(f'eventId,eventType,campaignName\n{rows}5000,emailOpen,"y\n')
    room = 6_000_000

    told = subprocess.run(
        [sys.executable, "-m", "firehose_loader", "run", drops, "--into", database, "--json"],
        capture_output=True,
        check=False,
        env=clean_environ(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        text=True,
    )
    after = load(drops, database)

    assert told.returncode == 2
    assert "make room, or choose another folder with spool" in told.stderr
    assert "Traceback" not in told.stderr
    assert after.json["rows"]["inserted"] == 5000
    assert after.json["rows"]["quarantined"] == 1
