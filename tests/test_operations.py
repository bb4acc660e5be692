"""The page for the day when something is wrong: its commands do what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from firehose_loader.cli import main
from tests.checkout import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
DATE = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventType,eventDate\n"


def test_the_commands_of_the_page_work_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drops = tmp_path / "drops" / "opens"
    drops.mkdir(parents=True)
    (drops / "2026-01-05.csv").write_text(f"{HEADER}1,email.open,{DATE}\n2,email.open,never\n")
    (drops / "2026-01-06.csv").write_text(f"{HEADER}3,email.open,{DATE}\n")
    (drops / "broken.csv").write_bytes(bytes(range(32)) * 4)
    (tmp_path / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\n[[source]]\nname = "prod"\nurl = "drops"\n'
    )
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 0

    codes = {}
    for line in COMMANDS:
        program, *words = shlex.split(line)
        assert program == "firehose-loader"
        codes[line] = main(words)

    # What is set aside as a whole waits for a person, as check tells.
    told = {line: int(code) for line, code in codes.items() if code}
    assert told == {"firehose-loader check": 6}, capsys.readouterr().err
