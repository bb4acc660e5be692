"""A feed of 27 event types that is watched for very long, on a clock that is wound forward.

As a program, ``python -m tests.torture.endurance DROPS FOLDER`` does it and prints what each part
of the way took, as JSON. ``ENDURANCE_DROPS`` has more drops come than the suite has time for; with
``ENDURANCE_MINUTES`` it ends when they are over, with as many as have come by then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from firehose_loader.config import Config
from firehose_loader.service.loop import Clock, Loop
from tests.command import clean_environ
from tests.schema_documents import EVENT_TYPES
from tests.torture.attack import Attack, Outcome, Plan, place

WHOLE = 240_000
"""A quarter of a year of drops, one of each event type each quarter of an hour."""
_SHORT = 5_400
_ROWS = 3
_PARTS = 6
_START = datetime(2026, 1, 1, tzinfo=UTC)
_QUARTER = timedelta(minutes=15)


def main(drops: int, folder: Path) -> dict[str, Any]:
    """Watch so many drops come; return seconds and memory by part, and the sizes at the end."""
    types = sorted(EVENT_TYPES)
    passes = drops // len(types)
    passed = [0.0]
    clock = Clock(
        now=lambda: _START + timedelta(seconds=passed[0]),
        monotonic=lambda: passed[0],
        sleep=lambda seconds: passed.__setitem__(0, passed[0] + seconds),
        chance=lambda: 0.5,
    )
    inbox = folder / "in"
    inbox.mkdir()
    config = Config.model_validate(
        {
            "warehouse": {"url": str(folder / "e.duckdb")},
            "spool": str(folder),
            "threads": 2,
            "source": [{"name": "feed", "url": str(inbox), "cadence": "15min", "after": "delete"}],
            "watch": {"port": None, "jitter": "0s", "delay": "1m"},
        }
    )
    loop = Loop(config, lambda _: None, clock=clock)
    seconds: list[float] = []
    memory: list[int] = []
    ends = time.monotonic() + 60 * float(os.environ.get("ENDURANCE_MINUTES", "inf"))
    for number in range(passes):
        if time.monotonic() > ends:
            break
        for place_, event_type in enumerate(types):
            _deliver(inbox, event_type, number, place_)
        before = time.process_time()
        until = _START + _QUARTER * (number + 1)
        while clock.now() < until:
            loop.step()
        seconds.append(time.process_time() - before)
        memory.append(_resident_bytes())
    while any(path.is_file() for path in inbox.rglob("*")):
        loop.step()
    loop.close()
    return {
        "drops": len(seconds) * len(types),
        "seconds": _by_part(seconds),
        "memory": _by_part(memory),
        **_sizes(folder / "e.duckdb"),
    }


def _deliver(inbox: Path, event_type: str, number: int, place_: int) -> None:
    """Write one drop, delivered in time: each is as old as its slot."""
    slot = _START + _QUARTER * number
    rows = "".join(
        f"{number}-{place_}-{row},{slot:%Y-%m-%dT%H:%M:%SZ},c{row},spring\n" for row in range(_ROWS)
    )
    path = inbox / event_type / f"{slot:%Y%m%dT%H%M}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"eventId,eventDate,contactId,campaignName\n{rows}")
    os.utime(path, (slot.timestamp(), slot.timestamp()))


def _by_part(values: list[Any]) -> list[float]:
    size = max(1, len(values) // _PARTS)
    return [float(median(values[start : start + size])) for start in range(0, len(values), size)][
        :_PARTS
    ]


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _sizes(database: Path) -> dict[str, int]:
    """Return how many events there are, and the size of the file beside that of a copy of it."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("CHECKPOINT")
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'dotdigital'"
                " AND table_name NOT LIKE '\\_firehose%' ESCAPE '\\'"
            ).fetchall()
        ]
        events = sum(
            connection.execute(f'SELECT count(*) FROM dotdigital."{name}"').fetchall()[0][0]
            for name in tables
        )
        ledger = connection.execute("SELECT count(*) FROM dotdigital._firehose_drops").fetchall()
        copy = database.with_name("copy.duckdb")
        connection.execute(f"ATTACH '{copy}' AS copy")
        connection.execute("COPY FROM DATABASE e TO copy")
        connection.execute("DETACH copy")
    return {
        "events": events,
        "ledger": ledger[0][0],
        "file_bytes": database.stat().st_size,
        "copy_bytes": copy.stat().st_size,
    }


def endurance(plan: Plan) -> Outcome:
    """Have a process of its own do it, and look at whether anything grows."""
    drops = int(os.environ.get("ENDURANCE_DROPS", "0")) or plan.tries(_SHORT)
    with place("endurance") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.torture.endurance", str(drops), str(folder)],
            capture_output=True,
            check=False,
            env=clean_environ(),
            text=True,
        )
    if done.returncode:
        return Outcome(tries=0, told="", wrong=(done.stderr[-800:],))
    told = json.loads(done.stdout)
    seconds, memory = told["seconds"], told["memory"]
    wrong = []
    if (told["ledger"], told["events"]) != (told["drops"], told["drops"] * _ROWS):
        wrong.append(f"{told['ledger']} drops and {told['events']} events are there")
    if memory[-1] > 1.3 * memory[1]:
        wrong.append(f"memory grew: {memory}")
    if seconds[-1] > 1.5 * seconds[1]:
        wrong.append(f"passes take longer and longer: {seconds}")
    if told["file_bytes"] > 3 * told["copy_bytes"]:
        wrong.append(f"the file has {told['file_bytes']} bytes, a copy {told['copy_bytes']}")
    return Outcome(
        tries=told["drops"],
        told=f"{told['drops']:,} drops of {WHOLE:,}; CPU of a pass at the beginning and at the end:"
        f" {seconds[1]:.2f} s and {seconds[-1]:.2f} s; memory: {memory[1] / 2**20:.0f} and"
        f" {memory[-1] / 2**20:.0f} MiB; file {told['file_bytes'] / 2**20:.0f} MiB, written anew"
        f" {told['copy_bytes'] / 2**20:.0f} MiB",
        wrong=tuple(wrong),
    )


ATTACKS = (
    Attack(
        name="Endurance: 27 event types every 15 minutes, watched",
        promise="each drop once; memory and time of a pass flat; the file near its data's size",
        run=endurance,
    ),
)

if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
