"""Commands that look after what was loaded, while somebody else holds the database or loads."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from firehose_loader.cli import main
from tests.command import clean_environ, held, table

DATE = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventType,eventDate\n"
COMMANDS: Sequence[Sequence[str]] = (
    ("quarantine", "list"),
    ("quarantine", "show", "ID"),
    ("quarantine", "retry"),
    ("quarantine", "remove", "--reason", "bad_event_time", "--drop", "b.csv", "--yes"),
    ("explain", "a.csv"),
    ("trace", "1"),
    ("undo", "b.csv", "--yes"),
    ("replay", "a.csv"),
    ("audit",),
    ("audit", "--deep"),
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with two loaded drops, each with a row in quarantine."""
    (tmp_path / "drops").mkdir()
    for number, name in enumerate(("a.csv", "b.csv"), 1):
        rows = f"{number},email.open,{DATE}\n{number}0,email.open,never\n"
        (tmp_path / "drops" / name).write_text(HEADER + rows)
    configure(tmp_path, lock_timeout=60)
    assert main(["run", "-c", str(tmp_path / "firehose.toml"), "--json"]) == 0
    return tmp_path


def configure(home: Path, *, lock_timeout: float) -> None:
    (home / "firehose.toml").write_text(
        f'batch_files = 1\n[warehouse]\nurl = "{home}/events.duckdb"\n'
        f"lock_timeout = {lock_timeout}\n"
        f'[[source]]\nname = "s"\nurl = "{home}/drops"\n'
    )


def words(home: Path, command: Sequence[str], held_id: str) -> list[str]:
    given = [held_id if word == "ID" else word for word in command]
    return [*given, "-c", str(home / "firehose.toml"), "--json"]


def held_row(home: Path) -> str:
    rows = table(home / "events.duckdb", "_firehose_quarantine")
    return str(next(row["id"] for row in rows if row["row_no"] == 2))


def test_commands_wait_for_who_holds_the_database_and_then_say_so(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(home, lock_timeout=0.05)
    database = home / "events.duckdb"
    held_id = held_row(home)
    before = database.read_bytes()
    capsys.readouterr()

    answers = {}
    with held(database):
        for command in COMMANDS:
            code = main(words(home, command, held_id))
            answers[command] = (code, json.loads(capsys.readouterr().out)["errors"][0]["error"])

    assert answers == dict.fromkeys(COMMANDS, (5, "WarehouseBusy"))
    assert database.read_bytes() == before


def test_commands_and_a_run_get_by_each_other(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held_id = held_row(home)
    for number in range(8):
        (home / "drops" / f"more-{number}.csv").write_text(
            f"{HEADER}m{number},email.open,{DATE}\nm{number},email.open,{DATE}\n"
        )
    run = [sys.executable, "-m", "firehose_loader", *words(home, ["run"], "")]
    with subprocess.Popen(
        run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environ()
    ) as loader:
        codes = {command: main(words(home, command, held_id)) for command in COMMANDS}
        said, story = loader.communicate(timeout=120)

    assert loader.returncode == 0, story
    assert json.loads(said)["drops"]["failed"] == 0
    assert codes == dict.fromkeys(COMMANDS, 0), capsys.readouterr().err
    assert main(words(home, ["audit", "--deep"], "")) == 0
