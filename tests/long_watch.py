"""A feed of 27 event types that is watched for very long, on a clock that is wound forward.

As a program, ``python -m tests.long_watch DROPS FOLDER`` does it and prints what each part of the
way took, as JSON. With ``ENDURANCE_MINUTES`` it ends when they are over, with as many drops as have
come by then. It stands apart from the attacks, which bring along more than the loader does.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from firehose_loader.config import Config
from firehose_loader.service.loop import Clock, Loop
from tests.schema_documents import EVENT_TYPES

ROWS = 3
"""Of each drop."""
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
        memory.append(resident_bytes())
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
        f"{number}-{place_}-{row},{slot:%Y-%m-%dT%H:%M:%SZ},c{row},spring\n" for row in range(ROWS)
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


def resident_bytes() -> int:
    """Return how much memory this process has now."""
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


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
