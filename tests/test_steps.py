from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.command import call

STEPS = {"wait for drops", "recognise", "read", "normalise", "load"}


def test_a_profile_tells_seconds_and_bytes_of_every_step(tmp_path: Path) -> None:
    folder = tmp_path / "drops"
    folder.mkdir()
    (folder / "a.csv").write_text("eventId,eventType\n1,emailOpen\n", "utf-8")
    words = ("run", folder, "--into", tmp_path / "e.duckdb", "--profile")

    told = call(*words, "--json").json

    assert told["profile"].keys() == STEPS
    assert told["profile"]["read"]["bytes"] == (folder / "a.csv").stat().st_size
    assert sum(step["seconds"] for step in told["profile"].values()) <= told["seconds"]


def test_a_profile_is_a_table_for_people(tmp_path: Path) -> None:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "a.csv").write_text("eventId,eventType\n1,emailOpen\n", "utf-8")

    answer = call("run", tmp_path / "drops", "--into", tmp_path / "e.duckdb", "--profile")

    assert answer.code == 0
    assert all(step in answer.out for step in STEPS)


def _imported_by(*words: str) -> set[str]:
    program = (
        "import sys, json; from firehose_loader.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, check=True, encoding="utf-8"
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_command_imports_no_other() -> None:
    imported = _imported_by("run", "--help")

    assert "firehose_loader.cli.run" in imported
    assert not {f"firehose_loader.cli.{name}" for name in ("audit", "schema", "init")} & imported


def test_a_run_that_is_neither_told_nor_published_starts_without_what_tells_and_publishes(
    tmp_path: Path,
) -> None:
    (tmp_path / "drops").mkdir()

    imported = _imported_by("run", str(tmp_path / "drops"), "--into", str(tmp_path / "e.duckdb"))

    assert "firehose_loader.loader" in imported
    assert (
        not {
            "firehose_loader.aftercare",
            "firehose_loader.service.alerts",
            "firehose_loader.service.health",
            "urllib.request",
        }
        & imported
    )


def test_help_imports_neither_engine_nor_any_sdk() -> None:
    loaded = _imported_by("--help")

    heavy = {
        "duckdb",
        "firehose_loader.config",
        "firehose_loader.history",
        "firehose_loader.sample.write",
        "firehose_loader.schema.catalog",
        "boto3",
        "azure",
        "google",
        "paramiko",
        "asyncssh",
        "pyarrow",
    }
    assert heavy & loaded == set()
