"""A file that may still be being written: what the command line says of it, run after run."""

from __future__ import annotations

import os
import time
from pathlib import Path

import duckdb
import pytest

from tests.command import ask, select, table

CONTENT = "eventId,eventType,eventDate\n1,emailOpen,2026-01-05T10:00:00Z\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "drops").mkdir()
    file = tmp_path / "firehose.toml"
    file.write_text(
        f'[warehouse]\nurl = "{tmp_path / "events.duckdb"}"\n'
        f'[[source]]\nname = "box"\nurl = "{tmp_path / "drops"}"\nsettle = 600\n'
    )
    return file


def test_a_file_waits_for_one_run_and_is_loaded_by_the_next(config: Path, tmp_path: Path) -> None:
    database, drop = tmp_path / "events.duckdb", tmp_path / "drops" / "a.csv"
    drop.write_text(CONTENT)
    ahead = time.time() + 3600
    os.utime(drop, (ahead, ahead))  # a server whose clock is wrong

    first = ask("run", "-c", config, "--json")
    status = ask("status", "-c", config, "--json").json["sources"][0]
    with duckdb.connect(str(database)) as connection:  # ten minutes pass
        connection.execute(
            "UPDATE dotdigital._firehose_drops"
            " SET first_seen_at = first_seen_at - INTERVAL 10 MINUTE"
        )
    (planned,) = ask("plan", "-c", config, "--json").json["drops"]
    second = ask("run", "-c", config, "--json")

    assert (first.code, first.json["status"]) == (0, "ok")
    assert (first.json["drops"]["held"], first.json["drops"]["new"]) == (1, 0)
    assert (status["held"], status["loaded"], status["rows"]) == (1, 0, 0)
    assert (planned["verdict"], planned["why"]) == ("new", "unchanged since it was first seen")
    assert (second.json["drops"]["held"], second.json["drops"]["loaded"]) == (0, 1)
    assert [row["state"] for row in table(database, "_firehose_drops")] == ["loaded"]


def test_a_held_file_that_vanishes_leaves_no_trace(config: Path, tmp_path: Path) -> None:
    drop = tmp_path / "drops" / "a.csv"
    drop.write_text(CONTENT)
    ask("run", "-c", config)
    drop.unlink()

    done = ask("run", "-c", config, "--json")

    assert done.json["drops"]["held"] == 0
    assert select(tmp_path / "events.duckdb", "FROM dotdigital._firehose_drops") == []
