"""Who loaded by hand before says so, and nothing of that is loaded again, expected or missed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.command import ask, table
from tests.past import ledger, opens

DAYS = ("2026-01-03", "2026-01-04", "2026-01-05")


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """A folder with a drop a day, of which nothing was loaded here."""
    (tmp_path / "drops").mkdir()
    (tmp_path / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\n'
        '[[source]]\nname = "s"\nurl = "drops"\ncadence = "daily"\nexclude = ["*.log"]\n'
    )
    for number, day in enumerate(DAYS):
        deliver(tmp_path, day, opens(f"{number}:x"))
    (tmp_path / "drops" / "a.log").write_text("no drop")
    return tmp_path


def deliver(home: Path, day: str, text: str, *, hour: int = 6) -> None:
    path = home / "drops" / f"{day}.csv"
    path.write_text(text)
    moment = datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))


def states(home: Path) -> dict[str, str]:
    return {key: row["state"] for key, row in ledger(home).items()}


def test_what_was_delivered_before_a_date_is_adopted_and_the_rest_is_loaded(bucket: Path) -> None:
    trial = ask("adopt", "s", "--until", "2026-01-05", "--dry-run", "--json", cwd=bucket)
    assert (trial.code, trial.json["adopted"], trial.json["dry_run"]) == (0, 2, True)
    assert not (bucket / "events.duckdb").exists()

    answer = ask("adopt", "s", "--until", "2026-01-05", "--json", cwd=bucket)

    told = answer.json
    assert (told["adopted"], told["not_chosen"], told["known"], told["held"]) == (2, 1, 0, 0)
    assert told["newest"] == "2026-01-04 06:00:00+00:00"
    run = ask("run", "--json", cwd=bucket)
    assert (run.json["drops"]["loaded"], run.json["rows"]["inserted"]) == (1, 1)
    assert states(bucket) == {
        "2026-01-03.csv": "adopted",
        "2026-01-04.csv": "adopted",
        "2026-01-05.csv": "loaded",
    }
    again = ask("adopt", "s", "--until", "2027-01-01", cwd=bucket)
    assert "0 of 4 listed drops adopted; 3 are loaded or set aside already" in again.out


def test_every_command_that_looks_back_knows_what_adopted_means(bucket: Path) -> None:
    run_id = ask("adopt", "s", "--until", "2026-01-05", "--json", cwd=bucket).json["run_id"]
    ask("run", cwd=bucket)

    status = ask("status", "--json", cwd=bucket).json
    assert (status["sources"][0]["adopted"], status["sources"][0]["rows"]) == (2, 1)
    assert status["series"][0]["adopted"] == 2
    assert "adopted" in ask("status", cwd=bucket).out.partition("\n")[0]
    audit = ask("audit", "--deep", "--json", cwd=bucket)
    assert (audit.code, audit.json["drops"]["audited"]) == (0, 3)
    reconciled = ask("reconcile", "--json", cwd=bucket)
    assert (reconciled.code, reconciled.json["sources"][0]["agreed"]) == (0, 3)
    (why,) = ask("explain", "2026-01-03.csv", "--json", cwd=bucket).json["drops"]
    assert why["verdict"] == "adopted"
    assert f"by run {run_id}" in why["sentence"]
    assert "delivered before 2026-01-05 00:00:00 UTC" in why["sentence"]
    plan = ask("plan", "--json", cwd=bucket)
    assert "adopted on" in plan.out


def test_new_content_of_an_adopted_drop_is_loaded(bucket: Path) -> None:
    ask("adopt", "s", "--until", "2026-01-05", cwd=bucket)
    deliver(bucket, DAYS[0], opens("7:other"), hour=7)

    run = ask("run", "--json", cwd=bucket)

    assert run.json["drops"]["loaded"] == 2
    rows = table(bucket / "events.duckdb", "email_open")
    assert {row["event_id"] for row in rows} == {"7", "2"}


def test_an_adoption_is_undone_and_the_next_run_loads_its_drops(bucket: Path) -> None:
    run_id = ask("adopt", "s", "--until", "2026-01-05", "--json", cwd=bucket).json["run_id"]

    undone = ask("undo", "--run", run_id, "--yes", "--json", cwd=bucket)
    run = ask("run", "--json", cwd=bucket)

    assert (undone.json["drops"], undone.json["removed"]) == (2, 0)
    assert (run.json["drops"]["loaded"], run.json["rows"]["inserted"]) == (3, 3)


def test_an_adopted_drop_is_loaded_after_all_by_a_replay(bucket: Path) -> None:
    ask("adopt", "s", "--until", "2026-01-05", cwd=bucket)

    replayed = ask("replay", "2026-01-04.csv", "--json", cwd=bucket)

    assert (replayed.json["drops"], replayed.json["rows"]["inserted"]) == (1, 1)
    assert states(bucket) == {"2026-01-03.csv": "adopted", "2026-01-04.csv": "loaded"}


@pytest.mark.parametrize("beginning", ["", "./", "drops/"])
def test_a_list_names_drops_by_key_or_by_url_and_what_is_not_listed_is_told(
    bucket: Path, beginning: str
) -> None:
    names = (f"{DAYS[0]}.csv", f"{DAYS[1]}.csv", "a.log", "gone")
    text = "\r\n\n".join(beginning + name for name in names)
    (bucket / "loaded.txt").write_text(text)

    answer = ask("adopt", "s", "--list", "loaded.txt", "--json", cwd=bucket)

    assert (answer.code, answer.json["adopted"], answer.json["not_listed"]) == (0, 2, 2)
    assert answer.json["examples"] == ["a.log", "gone"]
    assert answer.json["message"] == "named by loaded.txt"


def test_what_cannot_be_adopted_is_refused_in_words(bucket: Path) -> None:
    (bucket / "none.txt").write_text("\n")
    (bucket / "other.txt").write_text("opens.csv\n")

    for words, message in (
        ((), "say which drops were loaded: with --until, with --list, or with --copy-history"),
        (("--until", "2026-01-05", "--list", "-"), "say which drops were loaded"),
        (("--copy-history", "raw.events"), "only Snowflake keeps a history of COPY"),
        (("--list", "missing.txt"), "missing.txt: cannot be read: No such file"),
        (("--list", "none.txt"), "names no drop"),
        (("--list", "-"), "names no drop"),
        (("--list", "other.txt"), "none of the 1 drops that are named by other.txt, such as"),
    ):
        answer = ask("adopt", "s", *words, cwd=bucket)
        assert answer.code == 2
        assert message in answer.err
    if (bucket / "events.duckdb").exists():
        assert states(bucket) == {}
