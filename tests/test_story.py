"""The story on standard error, where nobody can take it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from firehose_loader.cli.story import story_stream
from tests.command import ask, clean_environ, select


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


def test_of_many_drops_with_bad_rows_the_first_are_told_and_the_others_counted(
    tmp_path: Path,
) -> None:
    for number in range(24):
        rows = "1,emailOpen,never\n" if number else ""
        (tmp_path / f"{number:02}.csv").write_text(f"eventId,eventType,eventDate\n{rows}")
    (tmp_path / "24.csv").write_bytes(bytes(range(256)))
    place = ("--into", tmp_path.with_suffix(".duckdb"))

    first = ask("run", ".", *place, cwd=tmp_path)
    in_json = ask("run", ".", "--into", tmp_path.with_suffix(".db"), "--log", "json", cwd=tmp_path)

    told = {line.split(": ")[1] for line in first.err.splitlines() if "quarantined" in line}
    assert len([one for one in told if one.endswith(".csv")]) == 20
    assert (
        "\n4 more drops have rows in quarantine, or are there as a whole:"
        " firehose-loader quarantine list shows them\n"
    ) in first.err
    assert in_json.err.count('"rows_quarantined"') == 23
    (tmp_path / "25.csv").write_text("eventId,eventType,eventDate\n2,emailOpen,never\n")
    again = ask("run", ".", *place, cwd=tmp_path)
    assert "25.csv: 1 rows quarantined" in again.err
    assert "more drops" not in again.err


def test_the_story_counts_drops_as_the_answer_does(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"eventId,eventType\n{name},emailOpen\n")
    (tmp_path / "c.csv").write_bytes(bytes(range(256)))

    told = ask("run", ".", "--into", tmp_path.with_suffix(".duckdb"), cwd=tmp_path)

    assert "3 new, 2 loaded, 1 quarantined" in told.out
    assert "2 drops loaded, 1 quarantined, in " in told.err


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "\x1b[2J", "--into", "e.duckdb"),
        ("run", "\x9b31m", "--into", "e.duckdb"),
        ("run", "drops", "--into", "\x1b]0;x\x07/e.duckdb"),
        ("schema", "show", "\x1b[31m"),
        ("quarantine", "show", "\r\x1b[1A", "--into", "e.duckdb"),
        ("\x1b[31m",),
        ("run", "--\x1b[31m"),
    ],
)
def test_what_an_error_quotes_cannot_steer_a_terminal(tmp_path: Path, words: Sequence[str]) -> None:
    answer = ask(*words, cwd=tmp_path)

    assert answer.code == 2
    assert r"\x" in answer.err
    assert all(sign.isprintable() or sign == "\n" for sign in answer.err)


def test_the_name_of_a_drop_cannot_steer_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "\x1b[2J.csv").write_bytes("eventId,eventType\n1,é\n".encode("utf-16"))
    (tmp_path / "\x1b[1A.csv").write_bytes(bytes(range(256)))

    answer = ask("run", ".", "--into", tmp_path.with_suffix(".duckdb"), cwd=tmp_path)

    assert r"\x1b[2J.csv: no UTF-8" in answer.err
    assert r"\x1b[1A.csv" in answer.err
    assert all(sign.isprintable() or sign == "\n" for sign in answer.out + answer.err)
