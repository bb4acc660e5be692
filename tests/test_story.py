"""The story on standard error, where nobody can take it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from firehose_loader.cli.story import story_stream
from tests.command import clean_environ, select


def test_a_story_that_cannot_be_written_is_lost_and_nothing_else() -> None:
    reader, left = os.pipe()
    os.close(reader)
    for descriptor in (os.open("/dev/full", os.O_WRONLY), left):
        stream = story_stream(descriptor, "utf-8")

        for _ in range(2):
            print("a line", file=stream)
        stream.close()

        os.close(descriptor)  # which is open still


def test_a_story_is_written_line_by_line(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "story", os.O_WRONLY | os.O_CREAT)
    stream = story_stream(descriptor, "utf-8")

    print("é", file=stream)

    assert (tmp_path / "story").read_text("utf-8") == "é\n"
    stream.close()
    os.close(descriptor)


def test_a_run_whose_story_nobody_can_take_loads_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "a.csv").write_text("eventId,eventType\n1,emailOpen\n")
    command = [sys.executable, "-m", "firehose_loader", "run", "drops", "--into", "e.duckdb"]

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command,
            check=False,
            cwd=tmp_path,
            env=clean_environ(),
            stderr=full,
            stdout=subprocess.PIPE,
        )

    assert (done.returncode, b"1 loaded" in done.stdout) == (0, True)
    assert select(tmp_path / "e.duckdb", "SELECT event_id FROM dotdigital.email_open") == [
        {"event_id": "1"}
    ]
