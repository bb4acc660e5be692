"""``watch`` as a process: it loads what comes, tells of it, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import clean_environ, select
from tests.rigs.processes import wait_until


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_it_loads_what_comes_and_ends_when_it_is_told_to(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    drops, database = tmp_path / "drops", tmp_path / "events.duckdb"
    drops.mkdir()
    (drops / "a.csv").write_text("eventId,eventType\n1,emailOpen\n")
    config = tmp_path / "firehose.toml"
    config.write_text(
        f'[warehouse]\nurl = "{database}"\n[watch]\nevery = "1s"\ndelay = "0s"\njitter = "0s"\n'
        f'[[source]]\nname = "prod"\nurl = "{drops}"\n'
    )
    story = tmp_path / "story"
    words = ("watch", "-c", str(config), "--port", "0", "--log", "json")
    with (
        story.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-m", "firehose_loader", *words], stderr=output, env=clean_environ()
        ) as process,
    ):
        wait_until(lambda: "run_finished" in story.read_text(), "the first pass is over")
        (drops / "b.csv").write_text("eventId,eventType\n2,emailOpen\n")
        wait_until(
            lambda: story.read_text().count("batch_loaded") == 2, "the second drop is loaded"
        )
        process.send_signal(number)
        assert process.wait(10) == code

    *lines, last = story.read_text().splitlines()
    told = [json.loads(line) for line in lines]
    started = next(one for one in told if one["event"] == "run_started")
    loaded = next(one for one in told if one["event"] == "batch_loaded")
    assert loaded["run_id"] == started["run_id"]
    assert "what was not committed was rolled back" in last
    ids = select(database, "SELECT event_id FROM dotdigital.email_open ORDER BY 1")
    assert [row["event_id"] for row in ids] == ["1", "2"]
