"""Load a bucket of very many drops, then ten new ones, and tell what each run took.

A program of its own, for it takes a quarter of an hour: ``python -m tests.huge_bucket [DROPS]``,
with 100,000 drops unless told otherwise, on the S3 gateway of Ceph. It ends with 1 where a run
loads what it should not, or leaves out what it should.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.command import clean_environ
from tests.configured import source_table
from tests.rigs import radosgw
from tests.rigs.s3 import S3Rig

_NEW = 10
_SENDERS = 8


def main(count: int) -> int:
    with (
        radosgw.started() as server,
        closing(S3Rig(server)) as rig,
        tempfile.TemporaryDirectory(prefix="huge-bucket-") as folder,
    ):
        config = Path(folder, "firehose.toml")
        warehouse = f'[warehouse]\nurl = "{folder}/events.duckdb"\n'
        config.write_text(warehouse + source_table(rig.source()), "utf-8")
        began = time.monotonic()
        _put(rig, range(count))
        _say(f"put {count} drops in {time.monotonic() - began:.0f} s")
        first = _run(config)
        _put(rig, range(count, count + _NEW))
        second = _run(config)
    found = [(one["listed"], one["loaded"]) for one in (first, second)]
    return int(found != [(count, count), (count + _NEW, _NEW)])


def _put(rig: S3Rig, numbers: range) -> None:
    def put(number: int) -> None:
        row = f"{number},emailOpen,2026-01-05T10:00:00Z\n"
        key = f"account/2026/01/email.open/drop-{number:010}.csv"
        rig.put(key, f"eventId,eventType,eventDate\n{row}".encode())

    with ThreadPoolExecutor(_SENDERS) as pool:
        for _ in pool.map(put, numbers):
            pass


def _run(config: Path) -> dict[str, Any]:
    """Run the command as users do, and tell what it took."""
    began = time.monotonic()
    command = [sys.executable, "-m", "firehose_loader", "run", "-c", str(config), "--json"]
    with (config.parent / "summary.json").open("w+b") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.DEVNULL, env=clean_environ()
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        drops: dict[str, Any] = json.loads(out.read())["drops"]
    _say(
        f"exit code {process.returncode}: listed {drops['listed']} and loaded {drops['loaded']}"
        f" in {time.monotonic() - began:.0f} s, {usage.ru_maxrss // 1024} MB at most"
    )
    return drops


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 100_000))
