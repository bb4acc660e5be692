"""A simulated fortnight of two sources, as ``status`` and ``check`` tell of it."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from firehose_loader.cli import main
from tests.command import ask

pytestmark = pytest.mark.xdist_group("freshness")  # one load serves all

HOUR = timedelta(hours=1)
SOON = timedelta(minutes=6)
BUSY = ("email.open", "email.click", "sms.send")
Finding = tuple[str, str, str | None]


@pytest.fixture(scope="module", name="week")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load a feed with an hour of outage, a type that stopped, a late daily drop, a quiet night.

    Return the folder of its configuration.
    """
    folder = tmp_path_factory.mktemp("week")
    now = datetime.now(UTC)
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=14)
    # At noon, whatever the clock says: around midnight of a weekend the rhythm is not known yet.
    outage = _on_a_working_day((start + timedelta(days=8)).replace(hour=12))
    stop = outage + timedelta(hours=3)
    number = 0
    slot = start
    while slot + SOON <= now:
        here = [] if slot == outage else list(BUSY)
        if stop <= slot < stop + 3 * HOUR and "email.click" in here:
            here.remove("email.click")
        quiet = slot.hour < 7 or abs(slot - outage) < timedelta(hours=16)
        if here and slot.hour % 3 == 0 and not quiet:
            here.append("email.reply")
        for event_type in here:
            number += 1
            _put(folder / "drops", slot, event_type, number)
        slot += HOUR
    day = start.replace(hour=2)
    while day + SOON <= now:
        number += 1
        late = timedelta(hours=7 if day.date() == outage.date() else 0)
        _put(folder / "daily", day, "campaign.send", number, late=late)
        day += timedelta(days=1)
    (folder / "firehose.toml").write_text(
        f"""
[warehouse]
url = "{folder}/events.duckdb"

[[source]]
name = "prod"
url = "{folder}/drops"
cadence = "hourly"

[[source]]
name = "daily"
url = "{folder}/daily"
cadence = "daily"
"""
    )
    loaded = ask("run", "-c", folder / "firehose.toml", "--json")
    assert loaded.code == 0, loaded.err
    return folder


def _on_a_working_day(moment: datetime) -> datetime:
    return moment - timedelta(days=max(0, moment.weekday() - 4))


def _put(
    root: Path, slot: datetime, event_type: str, number: int, late: timedelta = timedelta(0)
) -> None:
    path = root / event_type / f"{slot:%Y%m%dT%H%M}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"eventId,eventType,eventDate\n{number},{event_type},{slot.isoformat()}\n")
    delivered = (slot + timedelta(minutes=2 + number % 3) + late).timestamp()
    os.utime(path, (delivered, delivered))


def _asked(
    capsys: pytest.CaptureFixture[str], week: Path, *words: str
) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    code = main([*words, "-c", str(week / "firehose.toml"), "--json"])
    return code, json.loads(capsys.readouterr().out)


def _named(findings: Sequence[dict[str, Any]]) -> list[Finding]:
    return [(one["kind"], one["source"], one["event_type"]) for one in findings]


def test_check_names_what_happened_and_nothing_else(
    week: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = _asked(capsys, week, "check", "--window", "10d")

    assert code == 6
    assert _named(answer["findings"]) == [
        ("gaps", "prod", None),
        ("gaps", "prod", "email.click"),
        ("caught_up", "daily", None),
    ]
    assert [one["trouble"] for one in answer["findings"]] == [True, True, False]
    assert "did not come for 3 slots" in answer["findings"][1]["message"]


def test_check_tells_of_a_place_in_which_nothing_ever_was(tmp_path: Path) -> None:
    (tmp_path / "prefix misspelt").mkdir()
    (tmp_path / "firehose.toml").write_text(
        '[warehouse]\nurl = "e.duckdb"\n[[source]]\nname = "prod"\nurl = "prefix misspelt"\n'
        'cadence = "hourly"\n'
    )
    assert ask("run", cwd=tmp_path).code == ask("run", cwd=tmp_path).code == 0
    at_first = ask("check", cwd=tmp_path)
    with duckdb.connect(str(tmp_path / "e.duckdb")) as connection:
        connection.execute(
            "UPDATE dotdigital._firehose_runs SET started_at = started_at - INTERVAL 4 HOUR"
            " WHERE started_at = (SELECT min(started_at) FROM dotdigital._firehose_runs)"
        )

    later = ask("check", cwd=tmp_path)

    assert at_first.code == 0
    assert (later.code, later.out[:14]) == (6, "stopped: prod:")
    assert "no drop was ever there; look at its url, include and exclude" in later.out


@pytest.mark.parametrize("words", [("check",), ("status",), ("status", "--runs"), ("report",)])
def test_that_there_is_no_file_yet_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    told = ask(*words, "--into", "none.duckdb", cwd=tmp_path)

    assert told.code == 0
    assert "there is no none.duckdb yet: nothing was loaded into it\n" in told.err
    assert not (tmp_path / "none.duckdb").exists()


def test_the_command_that_check_names_can_be_pasted(tmp_path: Path) -> None:
    (tmp_path / "in the box").mkdir()
    (tmp_path / "in the box" / "a.csv").write_text("eventId,eventDate\n1,never\n")
    assert ask("run", "in the box", "--into", "e.duckdb", cwd=tmp_path).code == 0

    found = ask("check", "--into", "e.duckdb", cwd=tmp_path)

    _, _, command = found.out.partition("; firehose-loader ")
    words = shlex.split(command.partition(" shows them")[0])
    assert "bad_event_time" in ask(*words, "--into", "e.duckdb", cwd=tmp_path).out


def test_status_gives_each_series_its_state(
    week: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIREHOSE_CHECK__WINDOW", "10d")

    code, answer = _asked(capsys, week, "status")

    assert code == 0
    states = {(one["source"], one["event_type"]): one["state"] for one in answer["series"]}
    assert states == {
        ("prod", None): "gaps",
        ("prod", "email.click"): "gaps",
        ("prod", "email.open"): "ok",
        ("prod", "email.reply"): "ok",
        ("prod", "sms.send"): "ok",
        ("daily", None): "caught_up",
        ("daily", "campaign.send"): "ok",
    }
    of_a_day = {one["event_type"]: one["rows_day"] for one in answer["series"]}
    assert of_a_day["email.open"] in {23, 24}


def test_what_lies_before_the_window_is_no_trouble(
    week: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = _asked(capsys, week, "check", "--window", "1d")

    assert (code, answer["findings"]) == (0, [])


def test_status_in_words_names_states_and_findings(
    week: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIREHOSE_CHECK__WINDOW", "10d")

    assert main(["status", "-c", str(week / "firehose.toml")]) == 0

    told = capsys.readouterr().out
    assert "caught up" in told
    assert "gaps: prod: email.click did not come for 3 slots" in told


def test_the_history_of_runs_is_told_latest_first(
    week: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = _asked(capsys, week, "status", "--runs")

    assert code == 0
    (run,) = answer["runs"]
    assert run["status"] == "ok"
    assert main(["status", "--runs", "-c", str(week / "firehose.toml")]) == 0
    assert run["run_id"] in capsys.readouterr().out


def test_rows_in_quarantine_and_failed_drops_are_trouble_above_a_threshold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "a.csv").write_text("eventId,eventType,eventDate\n1,emailOpen,never\n")
    into = str(tmp_path / "events.duckdb")
    assert main(["run", str(tmp_path / "drops"), "--into", into]) == 0
    capsys.readouterr()

    assert main(["check", "--into", into]) == 6
    told = capsys.readouterr().out
    assert "rows waiting in quarantine: 1 (email.open 1)" in told
    assert "firehose-loader quarantine list" in told
    assert main(["check", "--into", into, "--max-quarantined", "1"]) == 0
    assert "nothing is late" in capsys.readouterr().err


def test_a_source_that_no_run_lists_any_more_is_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "drops").mkdir()
    config = tmp_path / "firehose.toml"
    config.write_text(
        f'[warehouse]\nurl = "{tmp_path}/e.duckdb"\n'
        f'[[source]]\nname = "prod"\nurl = "{tmp_path}/drops"\ncadence = "daily"\n'
    )
    assert main(["run", "-c", str(config)]) == 0
    assert main(["check", "-c", str(config)]) == 0
    config.write_text(config.read_text().replace('name = "prod"', 'name = "other"'))
    capsys.readouterr()

    assert main(["check", "-c", str(config)]) == 6
    assert "stale: other: no run has listed it without trouble yet" in capsys.readouterr().out


def test_an_age_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--into", str(tmp_path / "e.duckdb"), "--window", "soon"]) == 2
    assert "36h or 3d" in capsys.readouterr().err
